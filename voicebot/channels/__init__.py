"""Ways in and out: telephone, chat socket, Rasa REST. They carry bytes and messages and decide nothing."""
