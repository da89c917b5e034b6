"""The names of spans and attributes: OpenTelemetry's GenAI conventions, in this module alone.

The conventions are in development and moved to their own repository
(open-telemetry/semantic-conventions-genai); `REVISION` says which state these names follow, and is
written on every resource so that dashboards can tell versions apart.
"""

from typing import Final

REVISION: Final = "semantic-conventions-genai@1.44-development"
REVISION_KEY: Final = "limner.semconv.genai"

# operations (gen_ai.operation.name); a span is named "{operation} {target}"
INVOKE_WORKFLOW: Final = "invoke_workflow"
INVOKE_AGENT: Final = "invoke_agent"
CHAT: Final = "chat"
EMBEDDINGS: Final = "embeddings"
RETRIEVAL: Final = "retrieval"
EXECUTE_TOOL: Final = "execute_tool"
GENERATE_CONTENT: Final = "generate_content"

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
WORKFLOW: Final = "gen_ai.workflow.name"
AGENT: Final = "gen_ai.agent.name"
TOOL: Final = "gen_ai.tool.name"
DATA_SOURCE: Final = "gen_ai.data_source.id"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_SEED: Final = "gen_ai.request.seed"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
TOKENS_IN: Final = "gen_ai.usage.input_tokens"
TOKENS_OUT: Final = "gen_ai.usage.output_tokens"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
ERROR_TYPE: Final = "error.type"

FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"

# metrics
TOKEN_USAGE: Final = "gen_ai.client.token.usage"
TOKEN_TYPE: Final = "gen_ai.token.type"
FIRST_CHUNK_METRIC: Final = "gen_ai.client.operation.time_to_first_chunk"
DURATIONS: Final = {
    INVOKE_WORKFLOW: "gen_ai.invoke_workflow.duration",
    INVOKE_AGENT: "gen_ai.invoke_agent.duration",
    EXECUTE_TOOL: "gen_ai.execute_tool.duration",
    CHAT: "gen_ai.client.operation.duration",
    EMBEDDINGS: "gen_ai.client.operation.duration",
    RETRIEVAL: "gen_ai.client.operation.duration",
    GENERATE_CONTENT: "gen_ai.client.operation.duration",
}
"""The histogram, in seconds, of each operation."""
DIMENSIONS: Final = (OPERATION, PROVIDER, REQUEST_MODEL, WORKFLOW, AGENT, TOOL, DATA_SOURCE, ERROR_TYPE)
"""Attributes of spans by which metrics are told apart: those with few values."""

# what Phoenix reads besides
OPENINFERENCE_KIND: Final = "openinference.span.kind"
SESSION: Final = "session.id"
PROJECT: Final = "openinference.project.name"

# ours
STEP_SOURCE: Final = "limner.step.source"
STEP_REASONS: Final = "limner.step.reasons"
STEP_ATTEMPTS: Final = "limner.step.attempts"
STEP_DEGRADED: Final = "limner.step.degraded"
TOOL_STATUS: Final = "limner.tool.status"
PROMPT_VERSION: Final = "limner.prompt.version"
RUN_ID: Final = "limner.run.id"
FALLBACKS: Final = "limner.step.fallbacks"
STEP: Final = "limner.step.name"
REASON: Final = "limner.step.reason"
QUEUE: Final = "limner.engine.requests"
QUEUE_STATE: Final = "limner.engine.state"

SERVICE: Final = {"service.name": "limner", PROJECT: "limner", REVISION_KEY: REVISION}
"""Of the resource of every span and metric."""

KINDS: Final = {
    INVOKE_WORKFLOW: "CHAIN",
    INVOKE_AGENT: "AGENT",
    CHAT: "LLM",
    EMBEDDINGS: "EMBEDDING",
    RETRIEVAL: "RETRIEVER",
    EXECUTE_TOOL: "TOOL",
    GENERATE_CONTENT: "LLM",
}
