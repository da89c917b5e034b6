"""Settings: every key of limner.toml, its default, and where a value may come from.

Order, later wins: defaults, limner.toml, environment (``LIMNER_MODEL__NAME=...``), arguments.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from .errors import SettingsError

DEFAULT_CHAT_MODEL = "qwen2.5-coder-1.5b-instruct"
DEFAULT_EMBEDDINGS = "all-minilm-l6-v2"


class Section(BaseModel):
    """A table of limner.toml: closed, so that a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(Section):
    """``[model]``: the chat model and how it decodes."""

    name: str = DEFAULT_CHAT_MODEL
    """A reference: catalog name, `hf:`, `path:`, `openai:`, `scripted:`, `cassette:`; empty for none."""
    engine: Literal["auto", "torch", "openvino", "openai"] = "auto"
    """What runs a model; `auto` is OpenVINO for GGUF files without CUDA, else torch."""
    threads: int = Field(default=0, ge=0, le=1024)
    """CPU threads of the engine; 0 takes every core."""
    max_batch: int = Field(default=16, ge=1, le=512)
    """Rows decoded together."""
    max_queue: int = Field(default=256, ge=1)
    """Requests waiting before `BusyError`."""
    context: int = Field(default=4096, ge=128)
    """Longest prompt plus answer, in tokens."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """0 takes the likeliest token each time."""
    deterministic: bool = False
    """Outputs under load equal outputs alone: one request at a time, and no fallback by deadline."""


class EmbeddingSettings(Section):
    """``[embeddings]``: the model that turns text into vectors."""

    name: str = DEFAULT_EMBEDDINGS
    """A reference; empty for none: search goes by words alone."""
    cache_mb: float = Field(default=256, ge=0)
    """Megabytes of vectors that are kept on disk for other runs; 0 keeps none."""


class ImageSettings(Section):
    """``[images]``: the picture model; without one, pictures are drawn by rule."""

    name: str = ""
    """`limner-icons`, or a reference to a diffusers pipeline; empty for none."""
    max_batch: int = Field(default=8, ge=1, le=64)
    """Pictures made at once; 1 for the same pixels under load as alone."""
    steps: int = Field(default=20, ge=1, le=1000)
    """Denoising steps of a picture; distilled models need 1 to 4."""
    guidance: float = Field(default=5.0, ge=0, le=100)
    """How closely a picture follows its words; distilled models need 0."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Of the weights; `auto` is bfloat16 on CUDA, else float32."""
    compile: bool = False
    """Compile the denoiser's blocks: a slow first picture, faster ones after it."""
    offload: Literal["none", "model", "sequential"] = "none"
    """Keep in the GPU's memory what is at work alone: one model at a time, or one layer."""
    attention: Literal["auto", "native", "flash", "sage", "flex", "xformers"] = "auto"
    """The denoiser's attention kernels; all but `native` need a library of their own."""
    adapters: dict[str, float] = Field(default_factory=dict)
    """LoRA adapters by reference (`path:`, `hf:`), with their weights."""


class PictureSettings(Section):
    """``[pictures]``: what drawn cards have in common."""

    accent: str = ""
    """A colour, `#rrggbb`, that all others follow; empty: chosen by seed."""
    logo: str = ""
    """A PNG file at the foot of each card; empty for none."""
    name: str = ""
    """The publisher's name at the foot of each card; empty for none."""


class ProvenanceSettings(Section):
    """``[provenance]``: how pictures are signed, by the extra `provenance`."""

    sign: bool = False
    """Sign each picture's facts (C2PA); signed files differ from run to run."""
    certificate: str = ""
    """A PEM file: the signer's certificate and those above it; empty: a made one, that says so."""
    key: str = ""
    """A PEM file: the certificate's ES256 key."""


class BrandSettings(Section):
    """``[brand]``: the words and the tone of the house, in articles; the receipt tells what was not kept."""

    avoid: dict[str, str] = Field(default_factory=dict)
    """Words to avoid: `{cheap = "good value"}` says it otherwise; in a list, or with "", the sentence is
    left out."""
    use: tuple[str, ...] = ()
    """Words that every article should have, such as the name of a promise."""
    tone: tuple[Literal["no-exclamations", "no-superlatives"], ...] = ()
    """Rules: sentences do not exclaim; words such as `best` are told."""

    @field_validator("avoid", mode="before")
    @classmethod
    def _words_alone(cls, value: Any) -> Any:
        """Let a list stand for words that nothing replaces."""
        return dict.fromkeys(value, "") if isinstance(value, list | tuple) else value

    @field_validator("avoid", "use")
    @classmethod
    def _no_empty_word(cls, value: Any) -> Any:
        if not all(str(word).strip() for word in value):
            raise ValueError("a word is empty")
        return value


class BudgetSettings(Section):
    """``[budget]``: what one run may spend."""

    seconds: float | None = Field(default=120, gt=0)
    """Wall-clock time; models end a little before it."""
    tokens: int | None = Field(default=12000, ge=0)
    """Prompts and answers together."""
    calls: int | None = Field(default=None, ge=0)
    """Chat model calls."""
    images: int | None = Field(default=None, ge=0)
    """Pictures asked of an image model."""
    steps: int | None = Field(default=None, ge=0)
    """Guarded steps begun."""
    policy: Literal["degrade", "stop", "ask"] = "degrade"
    """At zero: take every remaining fallback, stop the run, or ask a person."""


class KnowledgeSettings(Section):
    """``[knowledge]``: where documents are indexed."""

    store: str = "chroma"
    """A folder under the home folder; for the vectors a Chroma server, `http://host:port`, or `postgresql://...`."""
    max_file_mb: float = Field(default=50, gt=0)
    """Largest document, in megabytes."""
    reranker: str = ""
    """A reference (`path:`, `hf:`) to a cross-encoder that orders the best passages; empty for none."""


class SupportSettings(Section):
    """``[support]``: the customer-service bot."""

    intents: str = ""
    """A YAML file of intents; empty: every message is a question or small talk."""
    tools: tuple[str, ...] = ()
    """``module:name`` of a tool, of a list of tools, or of a function that returns them."""
    languages: tuple[str, ...] = ()
    """Codes of the languages, besides English, that the chat model writes well, such as `de`."""


class ResearchSettings(Section):
    """``[research]``: questions that take several look-ups."""

    tools: tuple[str, ...] = ()
    """``module:name`` of a tool, of a list of tools, or of a function that returns them."""
    database: str = ""
    """A SQLite file that may be read by SQL; empty for none."""
    tables: tuple[str, ...] = ()
    """The only tables of it that may be read."""
    rounds: int = Field(default=2, ge=0, le=8)
    """How often more look-ups are planned after the first ones."""


class TraceSettings(Section):
    """``[trace]``: where spans go besides the run's own trace.jsonl, and where metrics go."""

    otlp: str = ""
    """OTLP/HTTP endpoint of spans, such as ``http://localhost:6006/v1/traces``; empty sends none."""
    metrics: str = ""
    """OTLP/HTTP endpoint of metrics, such as ``http://localhost:4318/v1/metrics``; empty sends none."""
    content: bool = False
    """Record prompts and answers, capped and redacted."""


class StoreSettings(Section):
    """``[store]``: where runs keep their checkpoints."""

    url: Literal["sqlite"] = "sqlite"
    """One SQLite file in each run's folder."""


class Settings(BaseSettings):
    """Everything that can be configured."""

    model_config = SettingsConfigDict(
        env_prefix="LIMNER_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path = Field(default_factory=lambda: Path.home() / ".limner")
    """Runs, indexes and, unless `models` says otherwise, models."""
    models: Path | None = None
    """The model store (``LIMNER_MODELS``); default ``$LIMNER_HOME/models``."""
    mirrors: Path | None = None
    """A mirrors.toml: other places to fetch models from, tried after the hub."""
    graphs: dict[str, str] = Field(default_factory=dict)
    """Graphs of your own, by name: ``module:function``."""
    model: ModelSettings = ModelSettings()
    embeddings: EmbeddingSettings = EmbeddingSettings()
    images: ImageSettings = ImageSettings()
    pictures: PictureSettings = PictureSettings()
    provenance: ProvenanceSettings = ProvenanceSettings()
    brand: BrandSettings = BrandSettings()
    budget: BudgetSettings = BudgetSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    support: SupportSettings = SupportSettings()
    research: ResearchSettings = ResearchSettings()
    trace: TraceSettings = TraceSettings()
    store: StoreSettings = StoreSettings()

    @field_validator("model", "embeddings", "images", mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        """Let ``images = "limner-icons"`` stand for ``[images] name = "limner-icons"``."""
        return {"name": value} if isinstance(value, str) else value

    @property
    def models_folder(self) -> Path:
        """The folder that holds one copy of every model."""
        return (self.models or self.home / "models").expanduser()

    @property
    def vectors_file(self) -> Path:
        """The file that keeps vectors for other runs and processes."""
        return self.home.expanduser() / "cache" / "vectors.sqlite"

    @property
    def runs_folder(self) -> Path:
        """The folder that holds one folder per run."""
        return self.home.expanduser() / "runs"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before the file's values, which arrive as `init_settings`."""
        return env_settings, init_settings


def load_settings(file: str | Path | None = None, **arguments: Any) -> Settings:
    """Read limner.toml and the environment, then apply `arguments`.

    Args:
        file: A TOML file; without one, ``./limner.toml`` where it exists.
        arguments: Top-level keys that win over file and environment.

    Raises:
        SettingsError: The file is missing or not TOML, or a key or value is not allowed.
    """
    path = Path(file) if file is not None else Path("limner.toml")
    values: dict[str, Any] = {}
    if file is not None or path.is_file():
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise SettingsError(f"Cannot read settings file {str(path)!r}: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"Settings file {str(path)!r} is not valid TOML: {error}.") from error
    try:
        settings = Settings(**values)
        return _merged(settings, arguments) if arguments else settings
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"Setting {where!r} is not valid: {first['msg']} (got {first['input']!r}).",
            "Check limner.toml, LIMNER_* variables and arguments; docs/settings.md lists every key.",
        ) from error


def _merged(settings: Settings, arguments: dict[str, Any]) -> Settings:
    """Apply arguments over settings; a name given for a table changes its `name` alone."""
    values = settings.model_dump()
    for key, value in arguments.items():
        table = values.get(key)
        if isinstance(table, dict) and key != "graphs":
            value = {**table, **({"name": value} if isinstance(value, str) else value)}
        values[key] = value
    return _Complete(**values)


class _Complete(Settings):
    """Settings whose values are all given: nothing is read from the environment again."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
