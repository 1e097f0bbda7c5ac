"""The payloads of hostile texts by family. CANARY stands for the file that none of them may write."""

from collections.abc import Iterator, Mapping, Sequence

_WRITE = "open('CANARY','w').write('x')"
_SHELL = "touch CANARY"

PAYLOADS: Mapping[str, Sequence[str]] = {
    "builtins": (
        _WRITE, f"eval(\"{_WRITE}\")", f"exec(\"{_WRITE}\")", "compile('1','x','eval')", "globals()", "locals()['x']",
        "vars()", "dir()", "getattr(close, 'shift')", "setattr(close, 'a', 1)", "delattr(close, 'a')", "input()",
        "breakpoint()", "exit()", "quit()", "help()", "memoryview(b'x')", "type('A', (), {})", "object()", "super()",
        "print(1)", "hash(close)", "id(close)", "repr(close)", "range(10**9)", "bytearray(10**10)", "list(close)",
        "open('/etc/passwd').read()", "classmethod(close)", "iter(close)", "callable(close)", "staticmethod",
    ),
    "imports": (
        f"__import__('os').system('{_SHELL}')", "import os", "from os import system", f"os.system('{_SHELL}')",
        "__import__('subprocess').run(['touch','CANARY'])", "importlib.import_module('os')", "sys.modules['os']",
        "__builtins__['open']('CANARY','w')", "__builtins__.open('CANARY','w')", "__loader__.load_module('os')",
        "pathlib.Path('CANARY').touch()", "numpy.save('CANARY', 1)", "np.memmap('CANARY', mode='w+', shape=9)",
        "pd.read_pickle('CANARY')", "ctypes.CDLL(None)", "socket.socket()", "pickle.loads(b'x')", "shutil.rmtree('/')",
    ),
    "dunder": (
        "().__class__.__bases__[0].__subclasses__()", "close.__class__", "close.__class__.__mro__[1]", "close.__dict__",
        "''.__class__.__mro__[2].__subclasses__()[40]('CANARY','w')", "[].__class__.__base__", "{}.__class__",
        "close.shift.__globals__['os']", "close.shift.__func__.__code__", "(1).__class__", "close.__reduce__()",
        "close.__init__.__globals__", "sma.__call__(20)", "x.__subclasshook__", "__name__", "__file__", "__doc__",
        "_", "__", "_private", "close._key", "close.__array__()", "macd.__getattr__('macd')",
        "close.__setattr__('a', 1)", "(lambda:0).__code__", "close.__module__", "extra.__class__",
        "extra('x').__class__", "close.__format__('x')",
    ),
    "code": (
        f"lambda: {_WRITE}", f"(lambda: {_WRITE})()", "[x for x in close]", "{x for x in close}",
        "{x: x for x in close}", "(x for x in close)", "x := close", "(x := close)", "await close",
        "async def f(): pass", "yield close", "(yield)", "def f(): return 1", "class A: pass", "@decorator",
        "for x in close: pass", "while True: pass", "try: close", "with open('CANARY','w') as f: pass",
        "raise ValueError", "assert False", "del close", "global close", "nonlocal close", "return close", "pass",
        "break", "continue", "close if True else open", "close = 1", "close += 1", "close; open", "*close", "**close",
        "sma(*close)", "sma(**close)", "close[0]", "close[-1]", "close[::2]", "close[...]", "...", "close, open",
        "(close, open)", "()", "[]", "{}", "[close, open]", "{'a': close}", "close is open", "close is not None",
        "close in open", "close not in open", "None", "NotImplemented", "Ellipsis", "# close", "close # open",
        "print close", "match close: pass", "type X = int", "if close: open",
    ),
    "strings": (
        "'close'", '"close"', "f'{close}'", 'f"{__import__(\'os\')}"', "b'close'", "r'close'", "u'close'", "'a' 'b'",
        "'%s' % close", "'{0.__class__}'.format(close)", "'{}'.format(close)", "'a' * 10", "'a' + 'b'", "'a'[0]",
        "'close'.upper()", "'''close'''", "''", "'unclosed", '"unclosed', "'a\\'b'", "'\\x63lose'", "str(close)",
        "'x'.join(close)", "chr(99)", "t'{close}'", "'a' < 'b'", "not 'a'", "'a' and 'b'", "rb'x'", "`close`",
    ),
    "unicode": (
        "\u0441lose", "cl\u043ese", "\uff43\uff4c\uff4f\uff53\uff45", "close\u200b", "\u202eesolc", "\ufeffclose",
        "cl\u00f6se", "\U0001d484lose", "close \u2212 1", "close \u00d7 2", "close \u00f7 2", "close \uff0b 1",
        "close\u00a0+ 1", "close \u2265 open", "close\u2028open", "\u0661\u0662", "\u00b2", "close\u00b2",
        "\U0001f680", "\u221e", "\u03c0", "sma\uff0820\uff09", "clo\u0301se", "\u2160", "clo\u00adse", "\ud7ff",
        "\uffff", "\u1d04lose", "\u212f", "close\u3000> 1", "\u00bd", "\u0130", "\u017fma(3)",
    ),
    "control": (
        "\x00", "close\x00", "\x00close", "clo\x00se", "\x1b[2J", "close\x1b[31m", "\x07", "\x08", "close\x7f",
        "\x0b", "\x0c", "close\x0bopen", "'\x00'", "'\x1b'", "\x1a", "\x85", "close\r\nSet-Cookie: a=b\r\n", "\x01",
        "sma(\x0020)",
    ),
    "templates": (
        "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% import os %}", "{{config.items()}}", "${jndi:ldap://x/a}",
        "{{''.__class__}}", "$(touch CANARY)", "`touch CANARY`", "%{7*7}", "{0.__class__}", "%s%s%n", "%(close)s",
        "$close", "[[${7*7}]]", "{php}echo 1{/php}", "<script>alert(1)</script>",
        "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "!!python/object/apply:os.system ['touch CANARY']",
        "!python/name:os.system", "&a [*a, *a]", "<?xml version='1.0'?>",
    ),
    "shell": (
        "; touch CANARY", "| touch CANARY", "&& touch CANARY", "|| touch CANARY", "& touch CANARY &", "> CANARY",
        "< /etc/passwd", "$(id)", "../../etc/passwd", "/etc/passwd", "C:\\Windows", "file:///etc/passwd",
        "\\\\server\\share", "~/.ssh/id_rsa", "!id", "${IFS}id", "%COMSPEC%", "close\ntouch CANARY",
        "close; rm -rf /", "2>&1", "*", "?", "-rf", "--help",
    ),
    "sql": (
        "'; DROP TABLE trials; --", "1' OR '1'='1", "1; SELECT 1", "close UNION SELECT 1", "1 OR 1=1", "admin'--",
        "/* comment */ close", "close -- comment", "CASE WHEN 1=1 THEN 1 END", "SLEEP(5)", "pg_sleep(5)",
        "xp_cmdshell('id')", "COPY x FROM PROGRAM 'touch CANARY'", "load_file('/etc/passwd')", "1 AND 1=1",
        "close LIKE '%'", "close BETWEEN 1 AND 2", "NULL", "close IS NULL", "SELECT * FROM close",
        "attach database 'CANARY' as x", "$1", ":name", "{'$gt': 0}",
    ),
    "evaluators": (
        "@pd.compat.os.system('touch CANARY')", "@os.system('touch CANARY')", "@__import__('os')", "@close",
        "close@close", "numpy.lib.utils", "np.f2py.os.system('touch CANARY')", "where.__self__", "sin.__self__",
        "_['os']", "f.os", "close.to_csv('CANARY')", "close.to_pickle('CANARY')", "close.query('x')",
        "close.eval('x')", "close.apply(print)", "close.pipe(print)", "index", "columns", "df.close", "self.close",
        "see.close", "see.store", "store", "store.bars", "custom(close)", "see.custom(print)", "n_bars",
        "close.source", "close.parameters", "close.key", "close.children", "close.written(close)",
        "close.compute(1, 2)", "close.same(open)", "close.name", "sma.entry", "macd.count(1)", "close.ema(12)",
        "extra", "extra()", "extra(close)", "extra.", "extra(1)", "symtable", "_eval", "ArrayColumn(1)",
        "Constant(1)", "ParameterRef('x')", "Operation('add')", "at.sample('sp500')", "Process('id')",
        "require('fs')", "System.exit(0)", "Runtime.getRuntime().exec('id')", "Function('return 1')()",
        "constructor.constructor('x')()", "close.constructor", "prototype", "this", "window", "process.env",
        "eval`1`", "0x10", "0b11", "0o17", "1j", "1_", "1__0", "0_x", "1e", "1e+", ".", "..", "1..2", "1.2.3",
        "1.real", "1.e", "5sma", "nan", "inf", "infinity", "-inf",
    ),
    "future": (
        "shift(close, -1)", "close.shift(-5)", "diff(close, -1)", "pct_change(close, -3)", "close.shift(1 - 2)",
        "rolling_mean(close, -5)", "rolling_mean(close, 0)", "shift(close, 0.5)", "shift(close, close)",
        "close.shift(hour)", "rolling_sum(close, 1e9)", "sma(0)", "sma(-5)", "sma(100000)", "sma(20000)",
        "ema(close, 99999)", "sma(2.5)", "rolling_std(close, 5, 5)", "rolling_std(close, 5, -1)", "rsi(1e9)",
        "rolling_median(close, 10001)", "close@-1d", "close@0h", "rsi(14)@4x", "close@99999999d", "close@",
        "close@4h@1d", "(close)@x", "(close - open)@1d", "5@1d", "sma(close > open)(3)", "future(close)",
        "lead(close, 1)", "next(close)", "Ref(close, -2)", "tomorrow",
    ),
    "types": (
        "close & open", "close | 1", "~close", "not close", "close and open", "1 < close < 2", "close > open > low",
        "close == open == low", "rsi(14) > 70 & rsi(14) < 80", "macd(12, 26, 9)", "bbands", "bbands + 1",
        "macd(12, 26, 9) > 0", "macd().nothing", "sma(20).upperband", "close.macdhist", "close(3)", "close()",
        "sma('x')", "sma(true)", "ma(20, 'xma')", "sma(20, 30)", "sma(20, window=3)", "sma(20, timeperiod=3)",
        "ema(close, open, 12)", "ema(12, close)", "where(close, 1, 2)", "where(close > open, 1)", "shift(close)",
        "clip(close)", "min(close, 14)", "max(high, 20)", "log()", "sqrt", "shift", "rolling_mean(5, 3)",
        "shift(3, 1)", "crossed_above(1, 2)", "sma(20", "sma 20", "sma)20(", "(close", "close)", "close open",
        "close 1", "1 close", "2close", "close ++", "+", "-", "*close", "close *", "/ close", "close //", "close ** ",
        "close % ", "close <> open", "close =< open", "close === open", "close = open", "!close", "close ! open",
        "close && open", "close || open", "abs", "if", "else", "if close", "and", "or", "not", "and close",
        "close or", "smaa(20)", "clsoe", "sma.timeperiod", "rsi[14]",
    ),
    "numbers": (
        "9**9**9**9", "10**10**10", "2**1000000", "1e999", "-1e999", "1e308 * 10", "9" * 60, "9" * 63, "1/0", "1//0",
        "1%0", "0/0", "0**-1", "(-1)**0.5", "(-8)**(1/3)", "sqrt(-1)", "log(0)", "log(-1)", "exp(1000)", "1e19",
        "10**19", "99**99", "1e18 * 1e18", "2**2**2**2**2**2", "1e-5**-99", "10**18 * 10**18 * 10**18",
        "7**7**7**7**7", "9**99999999999", "1e17 * 1e17", "3**1e18",
    ),
}  # fmt: skip


def sized_payloads() -> Iterator[str]:
    """Texts that are large, deep or slow to read, in many sizes."""
    for n in (60, 100, 1_000, 10_000, 100_000):
        yield from (
            "(" * n + "close" + ")" * n, "(" * n, ")" * n, "-" * n + "close", "~" * n + "(close > 1)",
            "not " * n + "true", "abs(" * n + "close" + ")" * n, "close" + ".shift(1)" * n, "2" + "**2" * n,
            "a" * (n + 5), "1" * (n + 5), "'" + "a" * (n + 5) + "'", "sma(" * n, "[" * n, "{" * n, "close" + ")" * n,
            "where(true, " * n, "1," * n, "'" * (2 * n + 1), "close." * n, "close@1d" + "@1d" * n,
            "(close > 1) == " * n + "1", "1 < " * n + "2", "\\" * n, "close" + " " * n + "$", "\u200b" * n,
            "\x00" * n, "if(" * n, "=" * n, "e" * (n + 10), "1e" + "9" * n, "." * n, "sma(timeperiod=" * n, "@" * n,
            "*" * n, "close" + "+ +" * n, "#" * n, "0." + "0" * (n + 5) + "1", "_" * n,
        )  # fmt: skip
    for n in (1_000, 10_000, 100_000):
        yield from (
            "close" + " + close" * n, "close" + " * 2" * n, "close > 1" + " and close > 1" * n,
            "sma(20)" + " / sma(21)" * n, "(close + " * n + "1" + ")" * n, " " * n + "close" + " " * (4 * n),
            "close" + "\n" * (5 * n), "1" + " + 1" * n, "min(" + "close, " * n + "open)",
            "sma(" + ", ".join(["20"] * n) + ")", "x" + "=x" * n, "a.b" * n, "1.5" + " ** 1.5" * n,
        )  # fmt: skip
