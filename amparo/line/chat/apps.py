from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "amparo.line.chat"
    label = "chat"
    bearers_may_call = ("chat_make_key", "chat_come_in", "chat_look", "chat_before")
    retention = {"chat": 90}  # days after a record of this class is closed
