"""What Ranger is about: records, pure rules, changes and errors, with nothing but the standard library."""
