"""One file a language: its cues, its phrases, its examples."""

from groundswell.languages.load import Example, Language, codes, load, tools

__all__ = ["Example", "Language", "codes", "load", "tools"]
