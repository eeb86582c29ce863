"""The words of a data model: what its keys are called, and finding one by a few letters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ranger_app import installed
from ranger_app.domain.patrols import DataModel
from ranger_app.domain.seeing import Marked, marked_in, tells_of_people
from ranger_app.i18n import ENGLISH, language
from ranger_app.patrols.spelled import spelled
from ranger_app.storage.reading import Reading

FOUND_AT_MOST = 30
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `path` are the words above it, outermost first."""

    key: str
    words: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """What can be said about an observation. `type` is NUMERIC, TEXT, BOOLEAN, LIST, MLIST, TREE or DATE."""

    key: str
    words: str
    type: str
    required: bool = False
    choices: tuple[Choice, ...] = ()
    sensitive: bool = False
    """Only some roles are shown what is said here (see `domain.seeing`)."""


class Vocabulary:
    """One data model, as `formats.smart` or the starter gives it. Faults in it are passed over."""

    def __init__(self, definition: Any) -> None:
        self._definition: Mapping[str, Any] = definition if isinstance(definition, Mapping) else {}

    @cached_property
    def categories(self) -> tuple[Choice, ...]:
        """Every category that is in use, in the model's order; keys end in a dot."""
        return tuple(self._flat(self._definition.get("categories"), "", ()))

    @cached_property
    def _category_nodes(self) -> dict[str, list[Mapping[str, Any]]]:
        """For each key the nodes from the outermost to its own."""
        return dict(_lineages(self._definition.get("categories"), "", []))

    @cached_property
    def _attributes(self) -> Mapping[str, Any]:
        found = self._definition.get("attributes")
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def _marked(self) -> Marked:
        return marked_in(self._definition)

    def knows_category(self, key: str) -> bool:
        return key in self._category_nodes

    def knows_attribute(self, key: str) -> bool:
        return key in self._attributes

    def category_words(self, key: str) -> str:
        """What a category is called; for an unknown one the last part of its key."""
        nodes = self._category_nodes.get(key)
        return self._words(nodes[-1], key) if nodes else plain_words(key)

    def attribute_words(self, key: str) -> str:
        return self._words(self._attributes.get(key), key) if self.names_attribute(key) else spelled(key)

    def names_attribute(self, key: str) -> bool:
        """Whether the model has a name for it."""
        node = self._attributes.get(key)
        return isinstance(node, Mapping) and isinstance(node.get("names"), Mapping) and bool(node["names"])

    def item_words(self, attribute: str, item: str) -> str:
        """What an item of a list, or a path of a tree, is called."""
        node = self._attributes.get(attribute)
        for choice in self._choices(node) if isinstance(node, Mapping) else ():
            if choice.key == item:
                return choice.words
        return plain_words(item)

    def attributes_of(self, category: str) -> list[Attribute]:
        """What can be said about an observation of this category, also through the categories above it."""
        keys: dict[str, None] = {}
        for node in self._category_nodes.get(category, ()):
            for entry in _nodes(node.get("attributes")):
                if entry.get("active", True):
                    keys[str(entry.get("key"))] = None
        return [self._attribute(key) for key in keys if key in self._attributes]

    def search(self, text: str) -> list[Choice]:
        """Categories whose words have every typed word at the beginning of one of theirs, best first."""
        typed = text.casefold().split()
        scored = []
        for order, choice in enumerate(self.categories):
            own = choice.words.casefold().split()
            above = " ".join(choice.path).casefold().split()
            if all(any(word.startswith(t) for word in (*own, *above)) for t in typed):
                misses = sum(not any(word.startswith(t) for word in own) for t in typed)
                scored.append((misses, len(choice.path), order, choice))
        return [choice for *_rank, choice in sorted(scored, key=lambda s: s[:3])[:FOUND_AT_MOST]]

    def _attribute(self, key: str) -> Attribute:
        node = self._attributes[key]
        node = node if isinstance(node, Mapping) else {}
        return Attribute(
            key=key,
            words=self.attribute_words(key),
            type=str(node.get("type") or "TEXT"),
            required=bool(node.get("required")),
            choices=tuple(self._choices(node)),
            sensitive=tells_of_people(key, self._marked),
        )

    def _choices(self, node: Mapping[str, Any]) -> Iterator[Choice]:
        for item in _nodes(node.get("values")):
            if item.get("active", True):
                yield Choice(str(item.get("key")), self._words(item, str(item.get("key"))))
        yield from self._flat(node.get("tree"), "", ())

    def _flat(self, nodes: Any, above: str, path: tuple[str, ...]) -> Iterator[Choice]:
        for node in _nodes(nodes) if len(path) < MAX_DEPTH else ():
            if not node.get("active", True):
                continue
            key = f"{above}{node.get('key')}."
            words = self._words(node, key)
            yield Choice(key, words, path)
            yield from self._flat(node.get("children"), key, (*path, words))

    def _words(self, node: Any, key: str) -> str:
        names = node.get("names") if isinstance(node, Mapping) else None
        if not isinstance(names, Mapping) or not names:
            return plain_words(key)
        for wished in (language(), ENGLISH):
            for code, words in names.items():
                if str(code).split("_")[0] == wished and words:
                    return str(words)
        return str(next(iter(names.values()))) or plain_words(key)


def plain_words(key: str) -> str:
    """The last part of a key, readable: `humanactivity.timber.firewood.` is "firewood"."""
    return key.rstrip(".").rpartition(".")[2].replace("_", " ") or key


def starter() -> Vocabulary:
    """A small model of our own, for a site that has none yet."""
    text = (installed("resources") / "datamodels" / "starter.json").read_text(encoding="utf-8")
    return Vocabulary(json.loads(text))


def newest_model(data: Reading) -> DataModel | None:
    """The data model that came here last."""
    models = data.find(DataModel)
    if not models:
        return None
    return max(models, key=lambda model: (data.history(DataModel, model.id)[0].at, model.id))


def _lineages(
    nodes: Any, above: str, line: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    for node in _nodes(nodes) if len(line) < MAX_DEPTH else ():
        key = f"{above}{node.get('key')}."
        yield key, [*line, node]
        yield from _lineages(node.get("children"), key, [*line, node])


def _nodes(value: Any) -> list[Mapping[str, Any]]:
    return [node for node in value if isinstance(node, Mapping)] if isinstance(value, list | tuple) else []
