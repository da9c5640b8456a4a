"""One file a language: its cues, its phrases, its examples."""
