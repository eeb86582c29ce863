"""SMART's data model: the tree of categories and the attributes with their lists and trees."""

from __future__ import annotations

from typing import Any

from ranger_app.domain.found import FoundModel
from ranger_app.formats.smart.tree import Node

_FLAGS = {"true": True, "false": False}


def read_model(root: Node, file_name: str) -> FoundModel:
    """A `DataModel` element of version 1.0 or 1.1.

    The definition is {"languages": [code], "attributes": {key: attribute}, "categories": [category]}. An
    attribute has type, required, names by language, and values (a list) or tree with children; a category
    has key, names, attributes [{"key", "active"}] that its children inherit, and children.
    """
    languages, attributes, categories = [], {}, []
    for part in root.children:
        match part.name:
            case "languages":
                languages = [c.attributes["code"] for c in part.children if "code" in c.attributes]
            case "attributes":
                attributes = {
                    c.attributes["key"]: _attribute(c) for c in part.children if "key" in c.attributes
                }
            case "categories":
                categories = [_category(c) for c in part.children if c.name == "category"]
    space = root.space.rstrip("/").split("/")
    version = space[-2] if len(space) > 1 else "1.0"
    definition = {
        "format": "smart",
        "languages": languages,
        "attributes": attributes,
        "categories": categories,
    }
    return FoundModel(name=file_name.rpartition(".")[0] or file_name, version=version, definition=definition)


def _attribute(node: Node) -> dict[str, Any]:
    out: dict[str, Any] = {
        "type": node.attributes.get("type", "TEXT"),
        "required": _FLAGS.get(node.attributes.get("isrequired", ""), False),
        "names": _names(node),
    }
    values = [_item(c) for c in node.children if c.name == "values"]
    tree = [_item(c) for c in node.children if c.name == "tree"]
    aggregations = [c.attributes.get("aggregation", "") for c in node.children if c.name == "aggregations"]
    if values:
        out["values"] = values
    if tree:
        out["tree"] = tree
    if aggregations:
        out["aggregations"] = aggregations
    for child in node.children:
        if child.name == "qa_regex":
            out["pattern"] = child.text or child.attributes.get("value", "")
        elif child.name == "qa_minmax":
            out["bounds"] = {**child.attributes, **{c.name: c.text.strip() for c in child.children}}
    if node.attributes.get("sensitive") == "true":  # ours: SMART has no such mark, and passes over it
        out["sensitive"] = True
    if "iconkey" in node.attributes:
        out["icon"] = node.attributes["iconkey"]
    return out


def _item(node: Node) -> dict[str, Any]:
    out: dict[str, Any] = {"key": node.attributes.get("key", ""), "names": _names(node)}
    if node.attributes.get("isactive") == "false":
        out["active"] = False
    children = [_item(c) for c in node.children if c.name in {"children", "tree"}]
    if children:
        out["children"] = children
    return out


def _category(node: Node) -> dict[str, Any]:
    out: dict[str, Any] = {"key": node.attributes.get("key", ""), "names": _names(node)}
    if node.attributes.get("isactive") == "false":
        out["active"] = False
    if node.attributes.get("ismultiple") == "true":
        out["multiple"] = True
    attributes = [
        {
            "key": c.attributes.get("attributekey", ""),
            "active": _FLAGS.get(c.attributes.get("isactive", ""), True),
        }
        for c in node.children
        if c.name == "attributes"
    ]
    children = [_category(c) for c in node.children if c.name in {"categories", "category"}]
    if attributes:
        out["attributes"] = attributes
    if children:
        out["children"] = children
    return out


def _names(node: Node) -> dict[str, str]:
    return {
        c.attributes.get("language_code", ""): c.attributes.get("value", "")
        for c in node.children
        if c.name == "names"
    }
