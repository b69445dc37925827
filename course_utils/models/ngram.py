"""n-gram models of sequences: predict the next token from the last few (chapter 5).

The chain rule p(x) = Π_t p(x_t | x_1 … x_{t−1}) is exact. An n-gram model shortens the condition to the last
n − 1 tokens and estimates each conditional by counting. So that a model of sequences of any length sums to 1, each
sequence starts after n − 1 marks BOS and ends with the mark EOS, which is predicted like any other token.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Self

import numpy as np

from .base import as_count, as_rng, require_fitted

BOS = "<BOS>"
EOS = "<EOS>"


class NGram:
    """p_θ(x) = Π_t p(x_t | x_{t−n+1} … x_{t−1}), every conditional a smoothed table of counts.

    With c the count of a token after a context, C = Σ c and V = number of tokens (EOS included), a conditional is

        p(token | context) = (c + α V q) / (C + α V).

    - ``backoff=False``: q = 1/V, additive smoothing (Jurafsky & Martin, *Speech and Language Processing*, 3rd ed.,
      ch. 3). A context never seen gets the uniform distribution.
    - ``backoff=True``: q = p(token | context without its oldest token), down to the uniform distribution. The
      pseudo-counts go where a shorter context puts them (MacKay & Peto 1995, *A hierarchical Dirichlet language
      model*). A context never seen is answered by its longest known ending.

    Args:
        order: n >= 1, length of the n-grams: 1 ignores the context, 2 is the bigram.
        alpha: pseudo-count of each token, >= 0. 0 is maximum likelihood: what was not seen has probability 0.
        backoff: whether the pseudo-counts follow the next shorter context.

    Attributes:
        tokens_: list of the V tokens in sorted order, then ``EOS``: the order of every row of probabilities.
    """

    def __init__(self, order: int = 2, alpha: float = 0.1, *, backoff: bool = False):
        self.order = as_count(order, "order", least=1)
        if not 0 <= alpha < np.inf:
            raise ValueError(f"alpha は 0 以上の数にしてください（受け取ったもの: {alpha!r}）")
        self.alpha, self.backoff = alpha, backoff

    def fit(self, sequences: Sequence[Sequence[Hashable]], rng: np.random.Generator | None = None) -> Self:
        """Count the n-grams of ``sequences``: strings, or lists of tokens. Nothing is random, so ``rng`` is not used.

        Raises:
            TypeError: if ``sequences`` is one string.
            ValueError: if it is empty or has only empty sequences, if it holds BOS or EOS, if the order is too high.
        """
        sequences = _as_sequences(sequences)
        symbols = set().union(*sequences)
        if not symbols:
            raise ValueError("sequences が空です。1 つ以上のトークンを含む系列を渡してください")
        if symbols & {BOS, EOS}:
            raise ValueError(f"sequences に {BOS!r} や {EOS!r} を入れないでください。fit が自動で付けます")
        base = len(symbols) + 2
        if base ** (self.order - 1) >= 2**63:
            raise ValueError(
                f"order={self.order} はトークン {len(symbols)} 種類には大きすぎます。order を小さくしてください"
            )
        self.tokens_ = [*sorted(symbols), EOS]
        self._ids = {token: i for i, token in enumerate(self.tokens_[:-1])}
        self._join = all(isinstance(s, str) for s in sequences)
        target, history, _ = self._encode(sequences)

        # One table for all contexts. Row 0 is the uniform distribution, which knows no data; below it stand the rows of
        # each context length k, found through `_levels`: (k, sorted codes of the contexts seen, their first row).
        size = len(self.tokens_)
        rows, self._levels = [np.full((1, size), 1 / size)], []
        row = np.zeros(len(target), dtype=int)  # row of the table that holds each position's q
        for k in range(self.order) if self.backoff else [self.order - 1]:
            codes, first, group = np.unique(self._code(history, k), return_index=True, return_inverse=True)
            counts = np.bincount(group * size + target, minlength=len(codes) * size).reshape(-1, size)
            pseudo = self.alpha * size
            prior = rows[-1][row[first] - (self._levels[-1][2] if self._levels else 0)]
            start = sum(map(len, rows))
            rows.append((counts + pseudo * prior) / (counts.sum(axis=1, keepdims=True) + pseudo))
            self._levels.append((k, codes, start))
            row = start + group
        self._table = np.concatenate(rows)
        return self

    def next_token_probs(self, context: Sequence[Hashable] = "") -> np.ndarray:
        """p(next token | ``context``), the tokens so far (BOS is put before them): (V,) in the order of ``tokens_``."""
        require_fitted(self, "tokens_")
        return self._table[self._row(self._start(context, 1))][0]

    def token_log_probs(self, sequences: Sequence[Sequence[Hashable]]) -> list[np.ndarray]:
        """log p(x_t | context) of every token, EOS last: one array (length + 1,) of nats for each sequence."""
        require_fitted(self, "tokens_")
        target, history, lengths = self._encode(_as_sequences(sequences))
        with np.errstate(divide="ignore"):
            log_p = np.log(self._table[self._row(history), target])
        return np.split(log_p, np.cumsum(lengths)[:-1])

    def log_prob(self, sequences: Sequence[Sequence[Hashable]]) -> np.ndarray:
        """Log-probability of each of the n sequences, EOS included: (n,) nats; −inf where the model rules it out.

        Raises:
            ValueError: if a token was not seen by ``fit``.
        """
        return np.array([log_p.sum() for log_p in self.token_log_probs(sequences)])

    def perplexity(self, sequences: Sequence[Sequence[Hashable]]) -> float:
        """exp of the mean NLL *per token*, EOS being one: the number of equally likely choices that it amounts to."""
        return float(np.exp(-np.concatenate(self.token_log_probs(sequences)).mean()))

    def sample(
        self,
        n: int,
        rng: np.random.Generator,
        *,
        temperature: float = 1.0,
        prefix: Sequence[Hashable] = "",
        max_length: int = 100,
    ) -> list:
        """Draw ``n`` sequences token by token until EOS: a list of strings if ``fit`` saw strings, else of lists.

        Args:
            temperature: T >= 0; a token is drawn from p^{1/T}, renormalised. 0 is greedy: always the likeliest token.
            prefix: tokens that every sequence starts with.
            max_length: a sequence that reaches this length is cut there, without EOS.
        """
        require_fitted(self, "tokens_")
        n, rng = as_count(n), as_rng(rng)
        max_length = as_count(max_length, "max_length", least=1)
        if not 0 <= temperature < np.inf:
            raise ValueError(f"temperature は 0 以上の数にしてください（受け取ったもの: {temperature!r}）")
        history = self._start(prefix, n)
        eos = len(self.tokens_) - 1
        made = [list(prefix) for _ in range(n)]
        alive = np.arange(n)
        for _ in range(max_length - len(prefix)):
            p = _with_temperature(self._table[self._row(history[alive])], temperature)
            # Inverse CDF for all sequences at once: the first token whose cumulative probability exceeds u.
            token = (np.cumsum(p, axis=1) > rng.random((len(alive), 1)) * p.sum(axis=1, keepdims=True)).argmax(axis=1)
            alive, token = alive[token != eos], token[token != eos]
            if not len(alive):
                break
            history[alive] = np.c_[history[alive], token][:, 1:]
            for i, j in zip(alive.tolist(), token.tolist(), strict=True):
                made[i].append(self.tokens_[j])
        return ["".join(s) for s in made] if self._join else made

    def _encode(self, sequences: list) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """Every position as a number to predict (T,) and the n − 1 before it (T, n − 1), oldest first; lengths + 1."""
        eos, bos = len(self.tokens_) - 1, len(self.tokens_)
        pad = self.order - 1
        stream = [i for s in sequences for i in (*[bos] * pad, *self._numbers(s), eos)]
        stream = np.array(stream, dtype=np.int64)
        at = np.flatnonzero(stream != bos)
        # n − 1 marks BOS before each sequence keep its first contexts clear of the sequence before it.
        history = stream[at[:, None] + np.arange(-pad, 0)]
        return stream[at], history, [len(s) + 1 for s in sequences]

    def _numbers(self, sequence: Iterable[Hashable]) -> list[int]:
        try:
            return [self._ids[token] for token in sequence]
        except KeyError as error:
            raise ValueError(
                f"トークン {error.args[0]!r} は学習データにありませんでした。"
                "それを含む系列を取り除くか、fit に渡すデータに加えてください"
            ) from None

    def _start(self, prefix: Sequence[Hashable], n: int) -> np.ndarray:
        """The history (n, order − 1) right after ``prefix``."""
        numbers = [len(self.tokens_)] * (self.order - 1) + self._numbers(prefix)
        return np.tile(np.array(numbers[len(prefix) :], dtype=np.int64), (n, 1))

    def _code(self, history: np.ndarray, k: int) -> np.ndarray:
        """The last k tokens of each history read as one number to the base V + 1 (BOS is the extra digit): (T,)."""
        powers = (len(self.tokens_) + 1) ** np.arange(k, dtype=np.int64)
        return history[:, history.shape[1] - k :] @ powers

    def _row(self, history: np.ndarray) -> np.ndarray:
        """Row of the table for each history: that of its longest ending that was seen, or row 0."""
        row = np.zeros(len(history), dtype=int)
        for k, codes, start in self._levels:
            code = self._code(history, k)
            at = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
            row = np.where(codes[at] == code, start + at, row)
        return row


def _with_temperature(p: np.ndarray, temperature: float) -> np.ndarray:
    """p^{1/T} for each row, up to its sum; T = 0 keeps only the largest entry (the first one of equals)."""
    if temperature == 0:
        return np.arange(p.shape[1]) == p.argmax(axis=1, keepdims=True)
    # Divided by the largest first: a small T would send every power to 0.
    return (p / p.max(axis=1, keepdims=True)) ** (1 / temperature)


def _as_sequences(sequences) -> list:
    if isinstance(sequences, str):
        raise TypeError(f"sequences には文字列のリストを渡してください（受け取ったもの: 文字列 {sequences[:20]!r}）")
    try:
        sequences = list(sequences)
        [len(s) for s in sequences]
    except TypeError:
        raise TypeError("sequences には系列（文字列やリスト）のリストを渡してください") from None
    if not sequences:
        raise ValueError("sequences が空です。1 つ以上の系列を渡してください")
    return sequences
