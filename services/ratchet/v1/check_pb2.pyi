from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Check(_message.Message):
    __slots__ = ("length", "must_contain", "must_not_contain", "regex", "finished", "valid_json", "json_schema", "names_something_of_the_prompt", "not_repeating", "expression", "python_cases", "program")
    class Length(_message.Message):
        __slots__ = ("min_words", "max_words", "min_characters", "max_characters", "min_sentences", "max_sentences")
        MIN_WORDS_FIELD_NUMBER: _ClassVar[int]
        MAX_WORDS_FIELD_NUMBER: _ClassVar[int]
        MIN_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
        MAX_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
        MIN_SENTENCES_FIELD_NUMBER: _ClassVar[int]
        MAX_SENTENCES_FIELD_NUMBER: _ClassVar[int]
        min_words: int
        max_words: int
        min_characters: int
        max_characters: int
        min_sentences: int
        max_sentences: int
        def __init__(self, min_words: _Optional[int] = ..., max_words: _Optional[int] = ..., min_characters: _Optional[int] = ..., max_characters: _Optional[int] = ..., min_sentences: _Optional[int] = ..., max_sentences: _Optional[int] = ...) -> None: ...
    class MustContain(_message.Message):
        __slots__ = ("phrases", "all", "case_sensitive")
        PHRASES_FIELD_NUMBER: _ClassVar[int]
        ALL_FIELD_NUMBER: _ClassVar[int]
        CASE_SENSITIVE_FIELD_NUMBER: _ClassVar[int]
        phrases: _containers.RepeatedScalarFieldContainer[str]
        all: bool
        case_sensitive: bool
        def __init__(self, phrases: _Optional[_Iterable[str]] = ..., all: _Optional[bool] = ..., case_sensitive: _Optional[bool] = ...) -> None: ...
    class MustNotContain(_message.Message):
        __slots__ = ("phrases", "all", "case_sensitive")
        PHRASES_FIELD_NUMBER: _ClassVar[int]
        ALL_FIELD_NUMBER: _ClassVar[int]
        CASE_SENSITIVE_FIELD_NUMBER: _ClassVar[int]
        phrases: _containers.RepeatedScalarFieldContainer[str]
        all: bool
        case_sensitive: bool
        def __init__(self, phrases: _Optional[_Iterable[str]] = ..., all: _Optional[bool] = ..., case_sensitive: _Optional[bool] = ...) -> None: ...
    class Regex(_message.Message):
        __slots__ = ("pattern", "absent")
        PATTERN_FIELD_NUMBER: _ClassVar[int]
        ABSENT_FIELD_NUMBER: _ClassVar[int]
        pattern: str
        absent: bool
        def __init__(self, pattern: _Optional[str] = ..., absent: _Optional[bool] = ...) -> None: ...
    class Finished(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class ValidJson(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class JsonSchema(_message.Message):
        __slots__ = ("schema",)
        SCHEMA_FIELD_NUMBER: _ClassVar[int]
        schema: str
        def __init__(self, schema: _Optional[str] = ...) -> None: ...
    class NamesSomethingOfThePrompt(_message.Message):
        __slots__ = ("min_letters",)
        MIN_LETTERS_FIELD_NUMBER: _ClassVar[int]
        min_letters: int
        def __init__(self, min_letters: _Optional[int] = ...) -> None: ...
    class NotRepeating(_message.Message):
        __slots__ = ("max_share",)
        MAX_SHARE_FIELD_NUMBER: _ClassVar[int]
        max_share: float
        def __init__(self, max_share: _Optional[float] = ...) -> None: ...
    class Expression(_message.Message):
        __slots__ = ("expression",)
        EXPRESSION_FIELD_NUMBER: _ClassVar[int]
        expression: str
        def __init__(self, expression: _Optional[str] = ...) -> None: ...
    class PythonCases(_message.Message):
        __slots__ = ("cases", "seconds", "memory_mb")
        class Case(_message.Message):
            __slots__ = ("call", "gives", "raises")
            CALL_FIELD_NUMBER: _ClassVar[int]
            GIVES_FIELD_NUMBER: _ClassVar[int]
            RAISES_FIELD_NUMBER: _ClassVar[int]
            call: str
            gives: str
            raises: str
            def __init__(self, call: _Optional[str] = ..., gives: _Optional[str] = ..., raises: _Optional[str] = ...) -> None: ...
        CASES_FIELD_NUMBER: _ClassVar[int]
        SECONDS_FIELD_NUMBER: _ClassVar[int]
        MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
        cases: _containers.RepeatedCompositeFieldContainer[Check.PythonCases.Case]
        seconds: float
        memory_mb: int
        def __init__(self, cases: _Optional[_Iterable[_Union[Check.PythonCases.Case, _Mapping]]] = ..., seconds: _Optional[float] = ..., memory_mb: _Optional[int] = ...) -> None: ...
    class Program(_message.Message):
        __slots__ = ("code", "seconds", "memory_mb")
        CODE_FIELD_NUMBER: _ClassVar[int]
        SECONDS_FIELD_NUMBER: _ClassVar[int]
        MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
        code: str
        seconds: float
        memory_mb: int
        def __init__(self, code: _Optional[str] = ..., seconds: _Optional[float] = ..., memory_mb: _Optional[int] = ...) -> None: ...
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    MUST_CONTAIN_FIELD_NUMBER: _ClassVar[int]
    MUST_NOT_CONTAIN_FIELD_NUMBER: _ClassVar[int]
    REGEX_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    VALID_JSON_FIELD_NUMBER: _ClassVar[int]
    JSON_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    NAMES_SOMETHING_OF_THE_PROMPT_FIELD_NUMBER: _ClassVar[int]
    NOT_REPEATING_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    PYTHON_CASES_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    length: Check.Length
    must_contain: Check.MustContain
    must_not_contain: Check.MustNotContain
    regex: Check.Regex
    finished: Check.Finished
    valid_json: Check.ValidJson
    json_schema: Check.JsonSchema
    names_something_of_the_prompt: Check.NamesSomethingOfThePrompt
    not_repeating: Check.NotRepeating
    expression: Check.Expression
    python_cases: Check.PythonCases
    program: Check.Program
    def __init__(self, length: _Optional[_Union[Check.Length, _Mapping]] = ..., must_contain: _Optional[_Union[Check.MustContain, _Mapping]] = ..., must_not_contain: _Optional[_Union[Check.MustNotContain, _Mapping]] = ..., regex: _Optional[_Union[Check.Regex, _Mapping]] = ..., finished: _Optional[_Union[Check.Finished, _Mapping]] = ..., valid_json: _Optional[_Union[Check.ValidJson, _Mapping]] = ..., json_schema: _Optional[_Union[Check.JsonSchema, _Mapping]] = ..., names_something_of_the_prompt: _Optional[_Union[Check.NamesSomethingOfThePrompt, _Mapping]] = ..., not_repeating: _Optional[_Union[Check.NotRepeating, _Mapping]] = ..., expression: _Optional[_Union[Check.Expression, _Mapping]] = ..., python_cases: _Optional[_Union[Check.PythonCases, _Mapping]] = ..., program: _Optional[_Union[Check.Program, _Mapping]] = ...) -> None: ...
