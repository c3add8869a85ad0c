"""A model's folder in, embeddings out, for the extra `agentmerge[semantic]`. Nothing is ever downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentmerge.errors import InputError
from agentmerge.text.similarity import Embed

REMEDY = "name a directory that a static model was saved in by model2vec"


def load(path: str) -> Embed:
    """The static model in a directory. InputError where the library is not installed or no model is there."""
    try:
        import model2vec
    except ImportError:
        remedy = "install it: pip install 'agentmerge[semantic]'"
        raise InputError("--semantic needs the library model2vec, which is not installed", remedy=remedy) from None
    # A name that is no directory would be looked for on a server.
    if not Path(path).is_dir():
        raise InputError("there is no such directory with a model", file=path, remedy=REMEDY)
    try:
        model = model2vec.StaticModel.from_pretrained(Path(path), force_download=False)
    except Exception as error:  # whatever the library stumbles over, the model is at fault
        raise InputError(f"can't be read as a model ({type(error).__name__})", file=path, remedy=REMEDY) from error

    def embed(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        found: list[list[float]] = model.encode(
            list(texts), show_progress_bar=False, use_multiprocessing=False
        ).tolist()
        return found

    return embed
