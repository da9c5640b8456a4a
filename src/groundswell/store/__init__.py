"""Parquet tables behind a manifest, their schema, and the engine that counts over them."""
