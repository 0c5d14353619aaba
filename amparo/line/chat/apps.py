from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "amparo.line.chat"
    label = "chat"
    bearers_may_call = (
        "chat_make_key", "chat_reenter", "chat_mark_seen", "chat_queue_position", "chat_operator",
        "chat_has_changed_hands",
    )  # fmt: skip
    retention = {"chat": 90, "practice": 90}  # days after a record of this class is closed
