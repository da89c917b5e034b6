"""LangChain's own standard tests for embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from limner.errors import UnavailableError
from limner.models import LocalEmbeddings, Store
from limner.settings import DEFAULT_EMBEDDINGS, load_settings


class TestTheInterface(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[LocalEmbeddings]:
        return LocalEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"folder": lambda: Path("never-opened"), "name": "all-minilm-l6-v2"}


@pytest.mark.weights
class TestTheModel(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[LocalEmbeddings]:
        return LocalEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        try:
            return {"folder": Store(load_settings().models_folder).path(DEFAULT_EMBEDDINGS)}
        except UnavailableError as error:
            pytest.skip(str(error))
