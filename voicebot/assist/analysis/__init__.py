"""Talk analysis: which words work, with sample sizes and intervals, and where a script loses people."""

from voicebot.assist.analysis.clips import Clip, RecordedSound, clips, may_be_heard
from voicebot.assist.analysis.export import findings_csv, funnels_csv, talks_csv
from voicebot.assist.analysis.findings import About, Finding, ScriptFunnel, judged, lost
from voicebot.assist.analysis.intervals import Share, share
from voicebot.assist.analysis.measures import Average, Measures, averages
from voicebot.assist.analysis.outcomes import Effect, Outcome, Talked
from voicebot.assist.analysis.reading import Company, Period, Reader, Reading
from voicebot.assist.analysis.report import Choice, Report, outcome_share, report, talks_needed, verdict
from voicebot.assist.analysis.suggestions import Kind, Suggestion
from voicebot.assist.analysis.talks import Codes, Line, Talk

__all__ = [
    "About",
    "Average",
    "Choice",
    "Clip",
    "Codes",
    "Company",
    "Effect",
    "Finding",
    "Kind",
    "Line",
    "Measures",
    "Outcome",
    "Period",
    "Reader",
    "Reading",
    "RecordedSound",
    "Report",
    "ScriptFunnel",
    "Share",
    "Suggestion",
    "Talk",
    "Talked",
    "averages",
    "clips",
    "findings_csv",
    "funnels_csv",
    "judged",
    "lost",
    "may_be_heard",
    "outcome_share",
    "report",
    "share",
    "talks_csv",
    "talks_needed",
    "verdict",
]
