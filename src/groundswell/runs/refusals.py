"""Why something is not read by principle, where a source puts the reason together: said here so that it is translated."""

from groundswell.model.phrase import Phrase, say

REASONS: tuple[Phrase, ...] = (
    say("day file of a conversation the channel list does not name"),
    say("day file of a direct message"),
    say("day file of a group message"),
    say("day file of a private channel"),
    say("direct message"),
    say("file of a space not known to be open to all: put the list of spaces (spaces.json) beside it"),
    say("group message"),
    say("message of a channel not known to be standard: put the list of channels beside the messages"),
    say("message of a channel the export does not list"),
    say("message of a private channel"),
    say("message of a private or shared channel"),
    say("message of a private stream"),
    say("message to somebody the export does not list"),
)
"""As the tally of the door holds them; a test compares them with what the samples of all sources refuse."""
