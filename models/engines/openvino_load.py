"""Loading for the OpenVINO engine: a GGUF file becomes a paged OpenVINO model, kept beside it."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UnavailableError
from ..quiet import quiet_loading
from .gguf_files import parsed_once

log = logging.getLogger(__name__)

_FORM = 1
"""Of what is kept: a folder of another form is not read."""
_MODEL, _FACTS = "openvino_model.xml", "limner.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to run."""

    compiled: Any
    """An `openvino.CompiledModel` with paged attention; of its logits it gives the rows named in "last"."""
    tokenizer: Any
    ends: frozenset[int]
    context: int
    """Longest prompt plus answer that the model was made for."""


def load(path: Path, properties: Mapping[str, Any]) -> Loaded:
    """Return a GGUF file's model. It is converted once: later loads take the copy beside it.

    Args:
        path: The file.
        properties: Of the CPU device, such as its threads.

    Raises:
        UnavailableError: It is no GGUF file, or of an architecture that OpenVINO does not read.
    """
    if path.suffix != ".gguf" or not path.is_file():
        raise UnavailableError(
            f"The OpenVINO engine reads GGUF files; {str(path)!r} is none.",
            "Name a .gguf file, or set engine under [model] to 'torch'.",
        )
    kept = _kept(path)
    if kept.is_dir():
        try:
            return _open(kept, properties)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a copy, it can be made again
            log.warning("the converted copy of %s is broken and made again: %s", path.name, error)
            shutil.rmtree(kept, ignore_errors=True)
    try:
        return _convert(path, kept, properties)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise UnavailableError(
            f"OpenVINO cannot load {str(path)!r}: {error}", "Set engine under [model] to 'torch'."
        ) from error


def prepare(path: Path) -> None:
    """Convert a GGUF file where that was not done yet, so that the first load need not.

    Raises:
        UnavailableError: OpenVINO cannot read it.
    """
    if not _kept(path).is_dir():
        load(path, {})


def _kept(path: Path) -> Path:
    """The folder of a file's converted copy, whether it is there or not."""
    with path.open("rb") as reader:
        digest = hashlib.file_digest(reader, "sha256").hexdigest()
    return path.parent / f"openvino-{digest[:16]}-{_FORM}"


def _open(folder: Path, properties: Mapping[str, Any]) -> Loaded:
    import openvino
    from transformers import PreTrainedTokenizerFast

    facts = json.loads((folder / _FACTS).read_text("utf-8"))
    with quiet_loading():
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    core = openvino.Core()
    # What makes it paged is lost where a paged model is saved, so it is done at each start. OpenVINO's own
    # compile cache (CACHE_DIR) is not used: of SmolLM2's start it saved one second in twelve, for 130 MB.
    compiled = core.compile_model(_paged(core.read_model(folder / _MODEL)), "CPU", dict(properties))
    return Loaded(compiled, tokenizer, frozenset(facts["ends"]), facts["context"])


def _convert(path: Path, kept: Path, properties: Mapping[str, Any]) -> Loaded:
    """Convert, and keep the result so that the folder is either complete or not there."""
    try:
        temporary = kept.with_name(f".{kept.name}-{uuid.uuid4().hex}")
        temporary.mkdir()
    except OSError as error:
        # The folder is read-only: convert all the same; only the next start is slower.
        log.warning("cannot keep the converted copy of %s: %s", path.name, error)
        temporary = kept = Path(tempfile.mkdtemp(prefix="limner-openvino-"))
        try:
            _write(path, temporary)
            return _open(temporary, properties)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    try:
        _write(path, temporary)
        if not kept.exists():
            temporary.rename(kept)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return _open(kept, properties)


def _write(path: Path, folder: Path) -> None:
    """Write the paged model, the tokenizer and what else is to be known into a folder."""
    from transformers import AutoConfig, AutoTokenizer

    options = {"gguf_file": path.name, "local_files_only": True, "trust_remote_code": False}
    with parsed_once(), quiet_loading():
        tokenizer = AutoTokenizer.from_pretrained(path.parent, **options)
        config = AutoConfig.from_pretrained(path.parent, **options)
    tokenizer.save_pretrained(folder, save_jinja_files=False)
    stops = _convert_weights(path, folder)
    ends = {*stops, tokenizer.eos_token_id} - {None}
    facts = {"ends": sorted(ends), "context": config.get_text_config().max_position_embeddings}
    (folder / _FACTS).write_text(json.dumps(facts), "utf-8")


def _convert_weights(path: Path, folder: Path) -> set[int]:
    """Let OpenVINO GenAI write its form of the model; return the tokens that end its answers."""
    import openvino_genai

    scheduler = openvino_genai.SchedulerConfig()
    scheduler.num_kv_blocks = 1
    # GenAI writes the model beside the file that it is given.
    link = folder / path.name
    link.symlink_to(path.resolve())
    pipeline = openvino_genai.ContinuousBatchingPipeline(
        str(link), scheduler, "CPU", {"enable_save_ov_model": True}
    )
    link.unlink()
    return set(pipeline.get_config().stop_token_ids)


def _paged(model: Any) -> Any:
    """Give a model paged attention, and logits of the tokens alone that "last" names."""
    import numpy
    import openvino
    from openvino import opset13 as ops
    from openvino._offline_transformations import paged_attention_transformation

    paged_attention_transformation(model)
    head = model.get_results()[0].input_value(0).get_node()
    while head.get_type_name() != "MatMul":
        head = head.input_value(0).get_node()
    last = ops.parameter(openvino.PartialShape([-1]), openvino.Type.i64, name="last")
    last.output(0).get_tensor().set_names({"last"})
    chosen = ops.gather(head.input_value(0), last, ops.constant(0, dtype=numpy.int64))
    head.input(0).replace_source_output(chosen.output(0))
    model.add_parameters([last])
    model.validate_nodes_and_infer_types()
    return model
