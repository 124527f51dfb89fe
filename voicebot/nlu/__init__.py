"""Understanding: training data in Rasa's format in, intents, entities, answers, FAQ hits and danger out."""

from voicebot.nlu.data import TrainingData, read_tenant
from voicebot.nlu.text import detect_language

__all__ = ["TrainingData", "detect_language", "read_tenant"]
