# SPDX-License-Identifier: GPL-2.0-only
"""The mutants of a C file in kernel style: each differs from it in one operator,
constant, condition or statement."""
import bisect
import re
from dataclasses import dataclass

TOKEN = re.compile(r'''
    (?P<skip>\s+|/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:[^\n\\]|\\.)*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>0[xX][0-9a-fA-F]+|\d+)(?P<suffix>[uUlL]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<operator><<=|>>=|->|\+\+|--|<<|>>|[-+*/%&|^<>=!]=|&&|\|\||.)
''', re.VERBOSE | re.DOTALL | re.MULTILINE)

# With a space on both sides, which tells a binary operator from a pointer or a sign.
BINARY = {
    '+': '-', '-': '+', '*': '/', '/': '*', '%': '/', '&': '|', '|': '&', '^': '|',
    '<<': '>>', '>>': '<<', '&&': '||', '||': '&&', '==': '!=', '!=': '==',
    '<': '<= >=', '<=': '< >', '>': '>= <=', '>=': '> <',
    '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=', '|=': '&=', '&=': '|=',
    '<<=': '>>=', '>>=': '<<=',
}
BOOLEAN = {'true': 'false', 'false': 'true'}
COMPARES = {'<', '<=', '>', '>=', '==', '!=', '&&', '||', '!'}
NO_STATEMENT = {'if', 'for', 'while', 'do', 'switch', 'case', 'default', 'return', 'goto', 'else'}


@dataclass(frozen=True)
class Mutant:
    path: str
    line: int
    function: str
    old: str        # the whole lines that change
    new: str
    text: str       # of the mutated file

    def key(self):
        """What tells it from the others, wherever its line moves."""
        return (self.path, self.function, ' '.join(self.old.split()), ' '.join(self.new.split()))

    def diff(self):
        return ''.join(f'{sign}{line}\n' for sign, part in (('-', self.old), ('+', self.new))
                       for line in part.split('\n'))


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


def tokens(text):
    found = []
    for m in TOKEN.finditer(text):
        kind = m.lastgroup if m.lastgroup != 'suffix' else 'number'
        if kind != 'skip':
            found.append(Token(kind, m.group(), m.start(), m.end()))
    return found


def closing(toks, i):
    """Index of the parenthesis that closes the one at i."""
    depth = 0
    for j in range(i, len(toks)):
        depth += (toks[j].text == '(') - (toks[j].text == ')')
        if depth == 0:
            return j
    return len(toks) - 1


def token_edits(text, tok):
    """(start, end, replacement) of one token."""
    if tok.kind == 'operator':
        if text[tok.start - 1].isspace() and text[tok.end].isspace():
            for other in BINARY.get(tok.text, '').split():
                yield tok.start, tok.end, other
        elif tok.text in ('++', '--'):
            yield tok.start, tok.end, '--' if tok.text == '++' else '++'
        elif tok.text in ('!', '~', '-'):
            yield tok.start, tok.end, ''
    elif tok.kind == 'number':
        yield tok.start, tok.end, f'({tok.text} + 1)'
        if int(tok.text.rstrip('uUlL'), 0):
            yield tok.start, tok.end, f'({tok.text} - 1)'
    elif tok.text in BOOLEAN:
        yield tok.start, tok.end, BOOLEAN[tok.text]


def condition_edits(toks, i):
    """if (x): if (!(x)), where no comparison in x is mutated anyway."""
    if toks[i].text != 'if' or toks[i + 1].text != '(':
        return
    end = closing(toks, i + 1)
    if not any(t.text in COMPARES for t in toks[i + 2:end]):
        yield toks[i + 1].end, toks[end].start, None


def statement_edits(toks, i, begins):
    """A statement without braces that begins at i."""
    first = toks[i]
    if not begins or first.text in NO_STATEMENT or first.text in (';', '{', '}'):
        return
    if first.kind == 'word' and toks[i + 1].kind == 'word':
        return      # a declaration
    for j in range(i, len(toks)):
        if toks[j].text in ('{', '}'):
            return
        if toks[j].text == ';':
            yield first.start, toks[j].end, ';'
            return


def edits(text):
    toks = tokens(text)
    depth, parens, begins, ifs = 0, 0, False, set()
    for i, tok in enumerate(toks):
        yield from token_edits(text, tok)
        if i + 1 < len(toks):
            for start, end, _ in condition_edits(toks, i):
                yield start, end, f'!({text[start:end]})'
            if depth > 0 and parens == 0:
                yield from statement_edits(toks, i, begins)
        if tok.text in ('if', 'for', 'while', 'switch') and toks[i + 1].text == '(':
            ifs.add(closing(toks, i + 1))
        depth += (tok.text == '{') - (tok.text == '}')
        parens += (tok.text == '(') - (tok.text == ')')
        begins = tok.text in (';', '{', '}', 'else', ':') or i in ifs


def function_at(lines, n):
    """Name of what begins at the margin, at or above line n (from 0)."""
    for line in reversed(lines[:n + 1]):
        m = re.match(r'[A-Za-z_][^;]*?(\w+)(?:\[[^]]*\])*\s*(?:\(|=|\{|$)', line)
        if m and not re.match(r'\w+:', line):
            return m.group(1)
    return ''


def mutants(path, text):
    starts = [0] + [m.end() for m in re.finditer('\n', text)]
    lines = text.split('\n')
    for start, end, replacement in edits(text):
        first = bisect.bisect_right(starts, start) - 1
        last = bisect.bisect_right(starts, end - 1) - 1
        mutated = text[:start] + replacement + text[end:]
        new_last = last + replacement.count('\n') - text[start:end].count('\n')
        yield Mutant(path, first + 1, function_at(lines, first), '\n'.join(lines[first:last + 1]),
                     '\n'.join(mutated.split('\n')[first:new_last + 1]), mutated)
