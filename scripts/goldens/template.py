"""Rendered prompts of many conversations, by Python's jinja2 with the settings of transformers' chat templates.

    python scripts/goldens/template.py             (needs: jinja2, gguf, llama-cpp-python, transformers)

Writes scripts/goldens/template.json. The first template is the embedded model's own; llama-cpp-python's formatter must
agree with it. The others are written for this test, in the manner of the common families; those that take tools, dates,
thinking or documents are rendered with the environment that transformers gives templates. The built-in formats are
llama.cpp's own (llama_chat_apply_template).
"""

import ctypes
import json
from datetime import datetime
from pathlib import Path

import gguf
import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
from transformers.utils import chat_template_utils

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
OUTPUT = Path(__file__).with_name("template.json")

TEMPLATES = {
    "chatml with a loop guard": (
        "{%- for message in messages %}\n    {%- if message.role not in ['system', 'user', 'assistant'] %}\n        {{- raise_exception('bad role') }}\n    {%- endif %}\n"
        "    {{- '<|im_start|>' ~ message.role ~ '\\n' ~ message.content | trim ~ '<|im_end|>\\n' }}\n{%- endfor %}\n"
        "{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n"
    ),
    "system first, alternating, with begin and end tokens": (
        "{{ bos_token }}{% if messages and messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] + '\\n\\n' %}{% set rest = messages[1:] %}"
        "{% else %}{% set system = '' %}{% set rest = messages %}{% endif %}"
        "{% for m in rest %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
        "{% if m['role'] == 'user' %}{{ '[INST] ' + (system if loop.first else '') + m['content'] + ' [/INST]' }}"
        "{% else %}{{ ' ' + m['content'].strip() + eos_token }}{% endif %}{% endfor %}"
    ),
    "namespace, macro and tests": (
        "{% macro block(role, text) %}<|{{ role }}|>\n{{ text }}<|end|>\n{% endmacro %}\n{% set ns = namespace(count=0, seen=false) %}\n"
        "{% for message in messages %}\n{% if message.role == 'user' %}{% set ns.count = ns.count + 1 %}{% endif %}\n"
        "{% if message.content is string and message.content | length > 0 %}{{ block(message.role, message.content) }}{% else %}{{ block(message.role, '(empty)') }}{% endif %}\n"
        "{% endfor %}{{ ns.count }} turns{% if tools is defined %} with tools{% endif %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
    ),
    "thinking cut from earlier answers": (
        "{%- set last = messages | length - 1 %}{% for message in messages %}{% if message['role'] == 'assistant' and '</think>' in message['content'] and not loop.last %}"
        "{{ '<|im_start|>assistant\\n' + message['content'].split('</think>')[-1].lstrip('\\n') + '<|im_end|>\\n' }}"
        "{% else %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endif %}{% endfor %}"
        "{% for i in range(3) %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}"
    ),
}


def message(role, content):
    return {"role": role, "content": content}


CONVERSATIONS = [
    [message("user", "Hello!")],
    [message("system", "You are a helpful assistant."), message("user", "What is 2+2?")],
    [message("user", "Hi"), message("assistant", "Hello, how can I help?"), message("user", "Tell me a joke.")],
    [message("system", "Answer in French."), message("user", "Bonjour"), message("assistant", "Salut !"), message("user", "Ça va ?"), message("assistant", "Oui, et toi ?"), message("user", "Très bien")],
    [message("system", ""), message("user", "An empty system prompt")],
    [message("user", "")],
    [message("user", "  spaces around  \n\n")],
    [message("user", "line one\nline two\n\n\tindented\r\nwindows")],
    [message("user", "日本語とemoji 👩‍👩‍👧‍👦 und Ümläute, عربي")],
    [message("user", "{{ messages }} {% raw %} {# not a comment #} ${x} `y`")],
    [message("user", "quotes ' \" \\ and <b>html</b> & entities &amp;")],
    [message("user", "\ue000\ue001 private use \uf8ff")],
    [message("assistant", "I speak first."), message("user", "Fine.")],
    [message("user", "a"), message("user", "b")],
    [message("user", "q"), message("assistant", "<think>\nhm\n</think>\n\nthe answer"), message("user", "again")],
    [message("system", "s"), message("user", "x" * 3000), message("assistant", "y" * 2000), message("user", "z")],
    [],
]


TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "description": "Weather of a <city>, \"now\" & then — für alle", "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "its name"}, "unit": {"type": "string", "enum": ["C", "F"]}}, "required": ["city"]}}},
    {"type": "function", "function": {"name": "add", "description": "Adds", "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}}},
]
CALL = {"tool_calls": [{"id": "call00001", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Köln", "days": 2, "exact": True, "note": None}}}]}
ANSWER = {"role": "tool", "content": "{\"temp\": 20}", "name": "get_weather", "tool_call_id": "call00001"}
# What templates of the common families do with tools, thinking, dates and documents, each feature written for this test.
FEATURES = {
    "tools as JSON, calls and answers": (
        "{%- if tools %}\n    {{- '<|im_start|>system\\n' }}\n    {%- if messages[0].role == 'system' %}\n        {{- messages[0].content + '\\n\\n' }}\n    {%- endif %}\n"
        "    {%- for tool in tools %}\n        {{- '\\n' + tool | tojson }}\n    {%- endfor %}\n    {{- '<|im_end|>\\n' }}\n{%- endif %}\n"
        "{%- for message in messages %}\n    {%- if message.role == 'tool' %}\n        {%- if loop.first or (messages[loop.index0 - 1].role != 'tool') %}{{- '<|im_start|>user' }}{%- endif %}\n"
        "        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}\n        {%- if loop.last or (messages[loop.index0 + 1].role != 'tool') %}{{- '<|im_end|>\\n' }}{%- endif %}\n"
        "    {%- elif message.tool_calls %}\n        {%- for tool_call in message.tool_calls %}\n            {%- if tool_call.function %}{%- set tool_call = tool_call.function %}{%- endif %}\n"
        "            {{- '<tool_call>\\n{\"name\": \"' + tool_call.name + '\", \"arguments\": ' }}\n            {%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}{{- tool_call.arguments | tojson }}{%- endif %}\n            {{- '}\\n</tool_call>' }}\n        {%- endfor %}\n"
        "    {%- else %}\n        {{- message.role ~ ': ' ~ message.content }}\n    {%- endif %}\n{%- endfor %}"
    ),
    "indented JSON, dates and defaults": (
        "{%- if not date_string is defined %}{%- if strftime_now is defined %}{%- set date_string = strftime_now('%d %b %Y') %}{%- endif %}{%- endif %}{{- 'Today: ' + date_string }}\n"
        "{%- set ns = namespace(found=false, names=[]) %}{%- for t in tools or [] %}{{- t | tojson(indent=4) + '\\n\\n' }}{%- set ns.found = true %}{%- set ns.names = ns.names + [t.function.name] %}{%- endfor %}"
        "{{- ns.names | join(', ') }}|{{ custom | default('none given', true) }}|{{ 'found' if ns.found else 'not found' }}|{{ 'none' if tools is none }}"
    ),
    "thinking": (
        "{%- set ns = namespace(last=messages | length - 1) %}{%- for message in messages[::-1] %}{%- set index = messages | length - 1 - loop.index0 %}{%- if message.role == 'user' %}{%- set ns.last = index %}{%- break %}{%- endif %}{%- endfor %}"
        "{%- for message in messages %}{%- set content = message.content if message.content is string else '' %}{%- set thought = '' %}\n"
        "{%- if message.reasoning_content is string %}{%- set thought = message.reasoning_content %}{%- elif '</think>' in content %}{%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}\n"
        "{{- message.role.title() + ': ' }}{%- if thought and loop.index0 > ns.last %}{{- '<think>' + thought.strip('\\n') + '</think>' }}{%- endif %}{{- content | trim }}{{- '\\n' }}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- 'Assistant: ' }}{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}"
    ),
    "macros, mappings and filters": (
        "{%- macro typed(fields, level=1) -%}{%- for name, field in fields | dictsort -%}{{ level }} {{ name }}: {{ field.type | upper }}{% if field.enum %} ({{ field.enum | map('lower') | join('|') }}){% endif %};{%- endfor -%}{%- endmacro -%}"
        "{%- for t in tools or [] %}{{ t.function.name }}({{ typed(t.function.parameters.properties, level=2) }}){% if not loop.last %}, {% endif %}{%- endfor %}\n"
        "{%- for m in messages | selectattr('role', 'equalto', 'user') | list %}[{{ loop.index }}/{{ loop.length }}]{{ m['content'] | length }}{{ m.get('name', '?') }}{%- endfor %}\n"
        "{%- for m in messages if m.tool_calls is defined %}{%- for key, value in m.tool_calls[0].function.arguments.items() %}{{ key }}={{ value | tojson }};{%- endfor %}{%- endfor %}{{ nothing | trim }}{{ [3, 1, 2] | sort | join }}{{ [3, 1, 2] | min }}{{ [3, 1, 2] | max }}"
    ),
    "macros that call each other": (
        "{%- macro fields(all, needed) -%}{%- set known = ['type', 'description'] -%}{%- set ns = namespace(comma=false) -%}{%- for key, field in all | dictsort -%}{%- set open = false -%}\n"
        "{%- if key not in known -%}{%- if ns.comma %},{% endif -%}{%- set ns.comma = true -%}\n    {{ key }}:{\n    {%- if field['description'] -%}\n        about:<|\"|>{{ field['description'] }}<|\"|>\n        {%- set open = true -%}\n    {%- endif -%}\n"
        "{%- set kind = field['type'] if field['type'] is string else field['type'][0] -%}{%- if kind | upper == 'STRING' and field['enum'] -%}{%- if open %},{%- else -%} {%- set open = true -%} {% endif -%}enum:{{ value(field['enum'] | map('upper') | list) }}"
        "{%- elif field['properties'] is defined and field['properties'] is mapping -%}{{- fields(field['properties'], field['required'] | default([])) -}}{%- endif -%}{%- if open %},{%- else -%} {%- set open = true -%} {% endif -%}type:{{ kind | upper }}}{%- endif -%}{%- endfor -%}"
        "{%- for name in needed -%}!{{- name -}}{{- ',' if not loop.last -}}{%- endfor -%}{%- endmacro -%}\n"
        "{%- macro value(it, quoted=True) -%}{%- if it is string -%}{{- '<|\"|>' + it + '<|\"|>' -}}{%- elif it is boolean -%}{{- 'true' if it else 'false' -}}{%- elif it is mapping -%}{{- '{' -}}{%- for key, own in it | dictsort -%}{{ '\"' + key + '\"' if quoted else key }}:{{- value(own, quoted=quoted) -}}{%- if not loop.last %},{% endif -%}{%- endfor -%}{{- '}' -}}"
        "{%- elif it is none -%}null{%- elif it is sequence -%}[{%- for own in it -%}{{- value(own, quoted=quoted) -}}{%- if not loop.last %},{% endif -%}{%- endfor -%}]{%- else -%}{{- it -}}{%- endif -%}{%- endmacro -%}\n"
        "{%- macro said(text) -%}{%- set ns = namespace(result='') -%}{%- for part in text.split('</think>') -%}{%- if 'hm' not in part -%}{%- set ns.result = ns.result + part.split('!')[0] -%}{%- endif -%}{%- endfor -%}{{- ns.result | trim -}}{%- endmacro -%}\n\n"
        "{%- set ns = namespace(before=None) -%}{%- set rest = messages -%}\n{#- what stands first -#}\n{%- if (enable_thinking is defined and enable_thinking) or tools or messages[0]['role'] in ['system', 'developer'] -%}{{- '<|turn>system\n' -}}{%- if messages[0]['role'] in ['system', 'developer'] -%}{{- messages[0]['content'] | trim -}}{%- set rest = messages[1:] -%}{%- endif -%}\n"
        "{%- for tool in tools or [] %}{{- '<|tool>' -}}{{- tool['function']['name'] -}}{ {{- fields(tool['function']['parameters']['properties'], tool['function']['parameters']['required']) -}} }{%- if 'response' in tool['function'] -%}!{%- endif -%}{%- endfor %}{{- '<turn|>\n' -}}{%- endif %}\n"
        "{%- for message in rest -%}{%- set ns.before = None -%}{%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}{{- '<|turn>' + role + '\n' }}\n{%- if message['tool_calls'] -%}{%- for call in message['tool_calls'] -%}{{- 'call:' + call['function']['name'] + value(call['function']['arguments'], quoted=False) -}}{%- endfor -%}{%- set ns.before = 'call' -%}{%- endif -%}\n"
        "{%- if message['content'] is string -%}{%- if role == 'model' -%}{{- said(message['content']) -}}{%- else -%}{{- message['content'] | trim -}}{%- endif -%}{%- elif message['content'] is sequence -%}{%- for item in message['content'] -%}{{- item['text'] | trim -}}{%- endfor -%}{%- endif -%}{%- if not (message['tool_calls'] and not message['content']) -%}{{- '<turn|>\n' -}}{%- endif -%}{%- endfor -%}\n"
        "{%- if add_generation_prompt -%}{%- if ns.before != 'call' -%}{{- '<|turn>model\n' -}}{%- endif -%}{%- if not enable_thinking | default(false) -%}{{- '<|channel>thought\n<channel|>' -}}{%- endif -%}{%- endif -%}\n"
    ),
    "values as Python prints them": (
        "{% macro shown(it) %}<{{ it }}>{% endmacro %}{{ none }}{{ true }}{{ 1.0 }}{{ 2 }}{{ [none, true, 'it''s', 1.5] }}{{ {'a': none, \"b\": ['x\\n', \"it's\"]} }}"
        "{{ 'a' ~ none ~ false ~ 1 }}{{ none | string }}{{ (1, none) }}{{ shown(none) }}{{ shown([]) }}{{ shown({}) }}{{ 'never' if false }}{{ missing }}"
        "{% set text %}{{ none }}{% endset %}{{ text }}{% filter upper %}{{ none }}{% endfilter %}{% for x in [none, 0] %}{{ x }}{% else %}{{ none }}{% endfor %}"
        "{% if true %}{{ none }}{% else %}{{ 1 }}{% endif %}{% for m in messages if m.tool_calls is defined %}{% for key, value in m.tool_calls[0].function.arguments.items() %}{{ key }}:{{ value }}{% endfor %}"
        "{{ m.tool_calls[0].function.arguments }}{% endfor %}{{ tools if tools }}{{ 'x' in ['x'] }}{{ messages[0].role == 'user' }}{{ messages | length }}"
    ),
    "documents": "{% for d in documents or [] %}{{ loop.index0 }}. {{ d.title | default('untitled') }}: {{ d['text'] | replace('\\n', ' ') }}\n{% endfor %}{% for m in messages %}{{ m.role }}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}",
}
INPUTS = [
    {}, {"tools": TOOLS}, {"enable_thinking": False}, {"enable_thinking": True, "date_string": "1 Jan 2020", "custom": "x"},
    {"documents": [{"title": "T", "text": "Body\none"}, {"text": "Body two"}]},
]
FEATURE_CONVERSATIONS = [
    [message("user", "Hello")], [message("system", "Be brief."), message("user", "Weather?")],
    [message("user", "q"), message("assistant", "<think>\nhm\n</think>\n\nthe answer"), message("user", "again")],
    [message("user", "q"), {**message("assistant", "the answer"), "reasoning_content": "hm"}],
    [message("user", "Weather?"), {**message("assistant", ""), **CALL}, ANSWER], [message("user", "Weather?"), {**message("assistant", ""), **CALL}, ANSWER, ANSWER, message("assistant", "It is 20."), message("user", "Thanks")],
]
# The names that llama.cpp gives the built-in formats.
BUILT_IN = {"chatml": "chatml", "llama2": "llama2-sys", "llama3": "llama3", "gemma": "gemma", "phi3": "phi3", "phi4": "phi4", "zephyr": "zephyr", "mistral": "mistral-v3", "granite": "granite", "command-r": "command-r", "vicuna": "vicuna"}


def feature_cases():
    chat_template_utils.datetime = type("Noon", (datetime,), {"now": classmethod(lambda cls: cls(2026, 2, 3, 14, 5, 9))})
    for name, source in FEATURES.items():
        template = chat_template_utils._compile_jinja_template(source)
        for messages in FEATURE_CONVERSATIONS:
            for inputs in INPUTS:
                yield {"template": name, "messages": messages, "inputs": inputs, "prompt": template.render(**{"tools": None, "documents": None, **inputs}, messages=messages, add_generation_prompt=True)}


def snippets():
    """Each line of template-snippets.txt, with its line breaks and tabs as "\\n" and "\\t" outside of tags, on one conversation with tools."""
    for line in OUTPUT.with_name("template-snippets.txt").read_text(encoding="utf-8").splitlines():
        source = line if line.startswith("{{") else line.replace("\\n", "\n").replace("\\t", "\t")
        template = chat_template_utils._compile_jinja_template(source)
        prompt = template.render(messages=FEATURE_CONVERSATIONS[-1], tools=TOOLS, documents=None, add_generation_prompt=True, bos_token="<s>", eos_token="</s>")
        yield [source, prompt]


def built_in_cases():
    for name, known in BUILT_IN.items():
        for messages in [[message("user", "Hello")], [message("system", "Be brief."), message("user", " Hi \n"), message("assistant", "Hello! "), message("user", "Bye")]]:
            chat = (llama_cpp.llama_chat_message * len(messages))(*[llama_cpp.llama_chat_message(role=m["role"].encode(), content=m["content"].encode()) for m in messages])
            buffer = ctypes.create_string_buffer(4096)
            length = llama_cpp.llama_chat_apply_template(known.encode(), chat, len(messages), True, buffer, 4096)
            yield {"name": name, "messages": messages, "prompt": buffer.raw[:length].decode()}


class Refused(Exception):
    pass


def raise_exception(text):
    raise Refused(text)


def main():
    reader = gguf.GGUFReader(MODEL)
    own = reader.fields["tokenizer.chat_template"].contents()
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    environment.globals["raise_exception"] = raise_exception
    formatter = Jinja2ChatFormatter(template=own, eos_token="<|im_end|>", bos_token="<|im_start|>")
    cases = []
    for name, source in {"the model's own": own, **TEMPLATES}.items():
        template = environment.from_string(source)
        for messages in CONVERSATIONS:
            for prompt in (True, False):
                case = {"template": name, "messages": messages, "addGenerationPrompt": prompt}
                try:
                    case["prompt"] = template.render(messages=messages, tools=None, documents=None, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>")
                except Refused as error:
                    case["refusal"] = str(error)
                except jinja2.exceptions.UndefinedError:
                    continue
                if source == own and prompt:
                    assert formatter(messages=messages).prompt == case["prompt"], messages
                cases.append(case)
    OUTPUT.write_text(json.dumps({"made": f"jinja2 {jinja2.__version__}, scripts/goldens/template.py", "templates": {"the model's own": own, **TEMPLATES}, "cases": cases, "features": FEATURES, "featureCases": list(feature_cases()), "snippetMessages": FEATURE_CONVERSATIONS[-1], "snippetTools": TOOLS, "snippets": list(snippets()), "builtInCases": list(built_in_cases())}, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(len(cases), "cases,", OUTPUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
