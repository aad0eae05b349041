"""Rendered prompts of many conversations, by Python's jinja2 with the settings of transformers' chat templates.

    python scripts/goldens/template.py             (needs: jinja2, gguf, llama-cpp-python)

Writes scripts/goldens/template.json. The first template is the embedded model's own; llama-cpp-python's formatter must
agree with it. The others are written for this test, in the manner of the common families.
"""

import json
from pathlib import Path

import gguf
import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

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
                    case["prompt"] = template.render(messages=messages, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>")
                except Refused as error:
                    case["refusal"] = str(error)
                except jinja2.exceptions.UndefinedError:
                    continue
                if source == own and prompt:
                    assert formatter(messages=messages).prompt == case["prompt"], messages
                cases.append(case)
    OUTPUT.write_text(json.dumps({"made": f"jinja2 {jinja2.__version__}, scripts/goldens/template.py", "templates": {"the model's own": own, **TEMPLATES}, "cases": cases}, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(len(cases), "cases,", OUTPUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
