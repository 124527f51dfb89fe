"""The packet's sentences in every language: short, for a colleague who has three seconds."""

from __future__ import annotations

from collections.abc import Mapping

from voicebot.domain import EN, Language

TEXTS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "who": "{name}さま",
        "who_known": "{name}さま({level})",
        "who_unknown": "お名前未確認({level})",
        "level_none": "本人確認なし",
        "level_light": "本人確認: 簡易",
        "level_strong": "本人確認: 済み",
        "level_failed": "本人確認: できず",
        "why_product": "{product}: {matter}",
        "why_words": "「{words}」",
        "unknown": "不明",
        "tried_nothing": "まだ何も試していません",
        "tried_not_understood": "聞き取れず({count}回)",
        "tried_join": " → ",
        "tried": "{what}: {result}",
        "ok": "確認済み",
        "failed": "できず",
        "not_found": "該当なし",
        "timeout": "応答なし",
        "unheard": "{outcome} (通話が切れ、お客様には未案内)",
        "not_fixed": "直らず",
        "declined_by_customer": "お客様が辞退",
        "ask_slot": "{label}: {value}",
        "ask_customer_asked": "担当者との会話",
        "ask_frustration": "早い解決(担当者希望)",
        "ask_flow_requires_human": "担当者による手続き",
        "ask_backend_error": "システム不調で止まった手続きの続き",
        "ask_auth_failed": "別の方法での本人確認",
        "ask_emergency": "安全の確認",
        "ask_no_match": "ご用件の聞き取り",
        "ask_low_confidence": "ご用件の聞き取り",
        "ask_no_input": "ご用件の聞き取り",
        "ask_compliance": "担当者による手続き",
        "ask_callback_due": "お約束の折り返し",
        "ask_supervisor_takeover": "責任者による対応",
        "ask_bot_failure": "自動応答が止まったところからの続き",
        "open_name": "{name}さま、",
        "open_matter": "{matter}の件でございますね。",
        "open_product": "{product}について、{matter}",
        "open_words": "「{words}」とのこと、伺っております。",
        "open_sorry": "ご不便をおかけし、申し訳ございません。",
        "open_emergency": "まず、お怪我や危険がないか確認させてください。",
        "open_callback": "お約束のお電話をいたしました。",
        "open_next": "これまでの内容は確認しておりますので、このまま私が承ります。",
        "sum_matter": "{matter}についてのお問い合わせ。",
        "sum_words": "お客様の言葉:「{words}」。",
        "sum_slots": "確認済み: {slots}。",
        "sum_heard": "未確認(聞き取りのみ): {slots}。",
        "sum_attempt": "{what}({result})。",
        "sum_upset": "強い不満を示されている。",
        "sum_danger": "危険を知らせる発言あり。",
        "sum_reason_customer_asked": "お客様が担当者を希望。",
        "sum_reason_other": "理由: {ask}。",
        "sum_failures": "自動応答が{count}回聞き取れず。",
        "slot": "{label} {value}",
        "slot_join": "、",
        "hidden": "(非表示)",
        "truncated": "transcript_truncated:{count}",
    },
    "en": {
        "who": "{name}",
        "who_known": "{name} ({level})",
        "who_unknown": "Name not known ({level})",
        "level_none": "not verified",
        "level_light": "verified: light",
        "level_strong": "verified: strong",
        "level_failed": "verification failed",
        "why_product": "{product}: {matter}",
        "why_words": "“{words}”",
        "unknown": "Unknown",
        "tried_nothing": "Nothing tried yet",
        "tried_not_understood": "Not understood ({count}×)",
        "tried_join": " → ",
        "tried": "{what}: {result}",
        "ok": "done",
        "failed": "failed",
        "not_found": "nothing found",
        "timeout": "no answer",
        "unheard": "{outcome} (the line broke: the customer was not told)",
        "not_fixed": "not fixed",
        "declined_by_customer": "customer declined",
        "ask_slot": "{label}: {value}",
        "ask_customer_asked": "To talk to a person",
        "ask_frustration": "A quick fix, from a person",
        "ask_flow_requires_human": "A person to finish this",
        "ask_backend_error": "To go on where our system failed",
        "ask_auth_failed": "To be verified another way",
        "ask_emergency": "To be safe",
        "ask_no_match": "To be understood",
        "ask_low_confidence": "To be understood",
        "ask_no_input": "To be understood",
        "ask_compliance": "A person to finish this",
        "ask_callback_due": "The call back we promised",
        "ask_supervisor_takeover": "A supervisor's help",
        "ask_bot_failure": "To go on where the bot stopped",
        "open_name": "Hello {name}. ",
        "open_matter": "I can see this is about {matter}. ",
        "open_product": "{matter} ({product})",
        "open_words": "I've read what you told us: “{words}”. ",
        "open_sorry": "I'm sorry for the trouble. ",
        "open_emergency": "First, is everybody safe? ",
        "open_callback": "This is the call we promised. ",
        "open_next": "I have everything you said, so I'll take it from here.",
        "sum_matter": "Contact about {matter}.",
        "sum_words": "In the customer's words: “{words}”.",
        "sum_slots": "Confirmed: {slots}.",
        "sum_heard": "Heard, not confirmed: {slots}.",
        "sum_attempt": "{what} ({result}).",
        "sum_upset": "The customer is clearly upset.",
        "sum_danger": "Words of danger were said.",
        "sum_reason_customer_asked": "The customer asked for a person.",
        "sum_reason_other": "Reason: {ask}.",
        "sum_failures": "The bot did not understand {count} times.",
        "slot": "{label} {value}",
        "slot_join": ", ",
        "hidden": "(hidden)",
        "truncated": "transcript_truncated:{count}",
    },
}
"""Templates by language and key. A language that is not here is shown in English."""


def word(key: str, language: Language, **values: object) -> str:
    """A template filled in."""
    texts = TEXTS.get(language, TEXTS[EN])
    return texts[key].format(**values)


def begun(text: str) -> str:
    """The text with a capital first letter, where the script has capitals."""
    return text[:1].upper() + text[1:]


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters; what is cut off is shown by an ellipsis, after a whole word if there are any."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    space = flat.rfind(" ", limit // 2, limit)
    return flat[: space if space > 0 else limit - 1].rstrip() + "…"
