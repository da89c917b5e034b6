import pytest

from limner.errors import InputError
from limner.models import Reference, parse_reference


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("qwen2.5-coder-1.5b-instruct", Reference("catalog", "qwen2.5-coder-1.5b-instruct")),
        ("hf:Qwen/Qwen3-8B", Reference("hf", "Qwen/Qwen3-8B")),
        ("hf:Qwen/Qwen3-8B@abc123", Reference("hf", "Qwen/Qwen3-8B", revision="abc123")),
        ("path:weights/model.gguf", Reference("path", "weights/model.gguf")),
        ("scripted:answers.json", Reference("scripted", "answers.json")),
        ("cassette:calls.jsonl", Reference("cassette", "calls.jsonl")),
        ("openai:http://gpu1:8000/v1#qwen3", Reference("openai", "http://gpu1:8000/v1", model="qwen3")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_form_is_read_and_written_back(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two words",
        "hf:noslash",
        "hf:a/b@",
        "path:",
        "scripted:",
        "openai:http://host/v1",
        "openai:host#m",
        "ftp:x",
    ],
)
def test_a_malformed_reference_says_which_forms_there_are(text: str) -> None:
    with pytest.raises(InputError, match="Write ") as caught:
        parse_reference(text)
    assert repr(text) in str(caught.value)
