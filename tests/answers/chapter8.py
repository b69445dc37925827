"""Answers to the exercises of chapter 8."""

from statistics import NormalDist

import numpy as np

from . import right, wrong

QUALITIES, BUDGETS = ("普通", "高い", "最高"), ("小", "中", "大")

# 8-1 choose_family


def _known(quality, budget):
    if quality not in QUALITIES or budget not in BUDGETS:
        raise ValueError(f"{quality} {budget}")


@right("8-1")
def with_match(need_likelihood, need_fast_sampling, need_latent_control, quality, budget):
    _known(quality, budget)
    match need_likelihood, need_fast_sampling, need_latent_control, quality, budget:
        case True, _, _, _, _:
            return "自己回帰・フロー"
        case _, _, True, _, "小" | "中":
            return "VAE"
        case _, False, _, "最高", "中" | "大":
            return "拡散"
        case _, True, _, "高い" | "最高", _:
            return "GAN・蒸留した拡散"
    return "組み合わせ"


@right("8-1")
def numbered(need_likelihood, need_fast_sampling, need_latent_control, quality, budget):
    q, b = QUALITIES.index(quality), BUDGETS.index(budget)  # index raises ValueError by itself
    if need_likelihood:
        return "自己回帰・フロー"
    if need_latent_control and b <= 1:
        return "VAE"
    if q == 2 and b >= 1 and not need_fast_sampling:
        return "拡散"
    if q >= 1 and need_fast_sampling:
        return "GAN・蒸留した拡散"
    return "組み合わせ"


@right("8-1")
def table_of_rules(need_likelihood, need_fast_sampling, need_latent_control, quality, budget):
    if quality not in {"普通", "高い", "最高"}:
        raise ValueError(quality)
    if budget not in {"小", "中", "大"}:
        raise ValueError(budget)
    rules = {
        "自己回帰・フロー": need_likelihood,
        "VAE": need_latent_control and budget != "大",
        "拡散": quality == "最高" and not need_fast_sampling and budget != "小",
        "GAN・蒸留した拡散": need_fast_sampling and quality != "普通",
        "組み合わせ": True,
    }
    return [family for family, applies in rules.items() if applies][0]  # noqa: RUF015


def _chooser(order="LCQF", control=None, quality=None, fast=None, known=True):
    """A chooser with the rules in ``order``, one of them perhaps replaced."""
    rules = {
        "L": ("自己回帰・フロー", lambda n, f, c, q, b: n),
        "C": ("VAE", control or (lambda n, f, c, q, b: c and b in ("小", "中"))),
        "Q": ("拡散", quality or (lambda n, f, c, q, b: q == "最高" and not f and b in ("中", "大"))),
        "F": ("GAN・蒸留した拡散", fast or (lambda n, f, c, q, b: f and q in ("高い", "最高"))),
    }

    def choose_family(*constraints):
        if known:
            _known(*constraints[3:])
        for name in order:
            family, applies = rules[name]
            if applies(*constraints):
                return family
        return "組み合わせ"

    return choose_family


def _register(name, says, points=0, **changes):
    function = _chooser(**changes)
    function.__name__ = name
    wrong("8-1", says=says, points=points)(function)


_register("control_first", "尤度の規則より先", order="CLQF")
_register("quality_before_control", "品質の規則を、潜在変数", order="LQCF")
_register("fast_before_control", "速さの規則を、潜在変数", order="LFCQ")
_register("control_at_any_price", "規則 2 で予算を見て", control=lambda n, f, c, q, b: c)
_register("control_when_poor", "予算「中」を落として", control=lambda n, f, c, q, b: c and b == "小")
_register("diffusion_when_poor", "規則 3 で予算を見て", quality=lambda n, f, c, q, b: q == "最高" and not f)
_register("slow_diffusion", "規則 3 で速さを見て", quality=lambda n, f, c, q, b: q == "最高" and b != "小")
_register("diffusion_for_high", "「最高」のときだけ", quality=lambda n, f, c, q, b: q != "普通" and not f and b != "小")
_register("fast_and_plain", "規則 4 で品質を見て", fast=lambda n, f, c, q, b: f)
_register("fast_high_only", "品質「最高」を落として", fast=lambda n, f, c, q, b: f and q == "高い")
_register(
    "diffusion_when_rich", "規則 3 が予算「中」", quality=lambda n, f, c, q, b: q == "最高" and not f and b == "大"
)
_register("diffusion_at_any_quality", "規則 3 で品質を", quality=lambda n, f, c, q, b: not f and b != "小")
_register("no_rule_1", "規則 1（尤度）がありません", order="CQF")
_register("no_rule_2", "規則 2（潜在変数）がありません", order="LQF")
_register("no_rule_3", "規則 3（拡散）がありません", order="LCF")
_register("no_rule_4", "規則 4（速いサンプリング）がありません", order="LCQ")
_register("last_rule_wins", "最後に当てはまった規則", order="FQCL")
_register("and_before_or", "規則 2 の and と or", control=lambda n, f, c, q, b: (c and b == "小") or b == "中")
_register("and_before_or_again", "規則 4 の and と or", fast=lambda n, f, c, q, b: (f and q == "高い") or q == "最高")
_register("always_true", "いつも真", control=lambda n, f, c, q, b: c and (b == "小" or "中"))
_register("answers_anything", "知らない言葉が来ても", points=1, known=False)


@wrong("8-1", says="規則 1 より前", points=1)
def likelihood_before_words(need_likelihood, need_fast_sampling, need_latent_control, quality, budget):
    if need_likelihood:
        return "自己回帰・フロー"
    return table_of_rules(False, need_fast_sampling, need_latent_control, quality, budget)


@wrong("8-1", says="答えの候補にありません")
def other_words(need_likelihood, need_fast_sampling, need_latent_control, quality, budget):
    return "自己回帰" if need_likelihood else "拡散モデル"


@wrong("8-1", says="すべての場合に return")
def forgets_the_rest(need_likelihood, need_fast_sampling, need_latent_control, quality, budget):
    if need_likelihood:
        return "自己回帰・フロー"
    if need_latent_control and budget in ("小", "中"):
        return "VAE"


# 8-2 pareto_front


@right("8-2")
def double_loop(costs):
    front = []
    for a in costs:
        beaten = False
        for b in costs:
            if all(b <= a) and any(b < a):
                beaten = True
        front.append(not beaten)
    return front


@right("8-2")
def broadcast(costs):
    a, b = costs[:, None, :], costs[None, :, :]
    dominated = (b <= a).all(-1) & (b != a).any(-1)
    return ~dominated.any(axis=1)


@right("8-2")
def as_zeros_and_ones(costs):
    rows = [tuple(map(float, row)) for row in costs]

    def loses(row, other):
        return other != row and max((o - r for o, r in zip(other, row, strict=True)), default=0) <= 0

    return np.array([0 if any(loses(row, other) for other in rows) else 1 for row in rows])


@wrong("8-2", says="向きが逆")
def larger_is_better(costs):
    return broadcast(-costs)


@wrong("8-2", says="すべての列で小さい相手だけ")
def strictly_everywhere(costs):
    a, b = costs[:, None, :], costs[None, :, :]
    return ~(b < a).all(-1).any(axis=1)


@wrong("8-2", says="1 列でも小さい相手")
def better_somewhere(costs):
    a, b = costs[:, None, :], costs[None, :, :]
    return ~(b < a).any(-1).any(axis=1)


@wrong("8-2", says="自分自身に負け")
def beats_itself(costs):
    a, b = costs[:, None, :], costs[None, :, :]
    return ~(b <= a).all(-1).any(axis=1)


@wrong("8-2", says="True と False が逆")
def the_beaten(costs):
    return ~broadcast(costs)


@wrong("8-2", says="費用の和")
def smallest_sum(costs):
    total = costs.sum(axis=1)
    return total == total.min()


@wrong("8-2", says="どれか 1 列で最小")
def best_of_a_column(costs):
    return (costs == costs.min(axis=0)).any(axis=1)


@wrong("8-2", says="行の番号を返して")
def row_numbers(costs):
    return np.flatnonzero(broadcast(costs))


@wrong("8-2", says="同じ行どうし", points=1)
def twins_kill_each_other(costs):
    front = np.ones(len(costs), dtype=bool)
    for i, a in enumerate(costs):
        for j, b in enumerate(costs):
            if i != j and (b <= a).all():
                front[i] = False
    return front


# 8-3 weighted_scores


@right("8-3")
def row_by_row(table, weights):
    n, m = table.shape
    totals = []
    for i in range(n):
        top = bottom = 0.0
        for j in range(m):
            column = [v for v in table[:, j] if v == v]
            if table[i, j] != table[i, j]:
                continue
            low, high = min(column), max(column)
            unit = (table[i, j] - low) / (high - low) if high > low else 0.0
            top, bottom = top + weights[j] * unit, bottom + weights[j]
        totals.append(top / bottom if bottom else float("nan"))
    return totals


@right("8-3")
def masked_average(table, weights):
    masked = np.ma.masked_invalid(table)
    width = np.ma.ptp(masked, axis=0)
    unit = (masked - masked.min(axis=0)) / np.where(width == 0, 1, width)
    return np.ma.average(unit, axis=1, weights=np.broadcast_to(weights, table.shape)).filled(np.nan)


@right("8-3")
def nansum_of_two(table, weights):
    low, width = np.nanmin(table, axis=0), np.nanmax(table, axis=0) - np.nanmin(table, axis=0)
    unit = np.divide(table - low, width, out=np.where(np.isnan(table), np.nan, 0.0), where=width > 0)
    present = np.where(np.isnan(table), np.nan, 1.0)
    return np.nansum(unit * weights, axis=1) / np.nansum(present * weights, axis=1)


def _unit(table):
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    return (table - low) / np.where(high == low, 1, high - low)


@wrong("8-3", says="0 点として数えて")
def missing_is_nothing(table, weights):
    return np.nan_to_num(_unit(table)) @ weights / weights.sum()


@wrong("8-3", says="0 に置き換えてから")
def missing_is_zero(table, weights):
    return _unit(np.nan_to_num(table)) @ weights / weights.sum()


@wrong("8-3", says="NaN が行の合計に残って")
def missing_spreads(table, weights):
    return np.average(_unit(table), axis=1, weights=weights)


@wrong("8-3", says="列の平均で埋めて")
def missing_is_average(table, weights):
    unit = _unit(table)
    return np.where(np.isnan(unit), np.nanmean(unit, axis=0), unit) @ weights / weights.sum()


def _over_known(unit, weights):
    known = ~np.isnan(unit)
    return np.where(known, unit, 0) @ weights / (known @ weights)


@wrong("8-3", says="目盛りをそろえていません")
def raw_values(table, weights):
    return _over_known(table, weights)


@wrong("8-3", says="表全体の最小と最大")
def one_range_for_all(table, weights):
    return _over_known((table - np.nanmin(table)) / (np.nanmax(table) - np.nanmin(table)), weights)


@wrong("8-3", says="最大値で割っただけ")
def share_of_the_best(table, weights):
    return _over_known(table / np.nanmax(table, axis=0), weights)


@wrong("8-3", says="行の向きに並んでいます")
def weights_down_the_rows(table, weights):
    return np.nansum(_unit(table) * weights[:, None], axis=1) / weights.sum()


@wrong("8-3", says="平均と標準偏差")
def standardised(table, weights):
    return _over_known((table - np.nanmean(table, axis=0)) / np.nanstd(table, axis=0), weights)


@wrong("8-3", says="重みが使われていません")
def plain_average(table, weights):
    return np.nanmean(_unit(table), axis=1)


@wrong("8-3", says="重みの和で割っていません")
def plain_sum(table, weights):
    return np.nansum(_unit(table) * weights, axis=1)


@wrong("8-3", says="0 ÷ 0", points=1)
def flat_columns(table, weights):
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    return _over_known((table - low) / (high - low), weights)


# 8-4 bootstrap_interval


@right("8-4")
def loop_of_choices(values, level, n_boot, rng):
    means = sorted(float(np.mean(rng.choice(values, len(values)))) for _ in range(n_boot))
    cut = (1 - level) / 2
    return means[int(cut * (n_boot - 1))], means[int(np.ceil((1 - cut) * (n_boot - 1)))]


@right("8-4")
def percentiles(values, level, n_boot, rng):
    rows = rng.choice(values, size=(n_boot, len(values)), replace=True)
    return np.percentile(rows.mean(axis=1), [50 * (1 - level), 50 * (1 + level)])


@right("8-4")
def counts_instead_of_rows(values, level, n_boot, rng):
    n = len(values)
    means = rng.multinomial(n, np.full(n, 1 / n), size=n_boot) @ values / n
    return [np.quantile(means, (1 - level) / 2), np.quantile(means, (1 + level) / 2)]


def _means(values, n_boot, rng):
    return values[rng.integers(len(values), size=(n_boot, len(values)))].mean(axis=1)


@wrong("8-4", says="順が逆")
def upside_down(values, level, n_boot, rng):
    return np.quantile(_means(values, n_boot, rng), [(1 + level) / 2, (1 - level) / 2])


@wrong("8-4", says="重複を許して")
def shuffled(values, level, n_boot, rng):
    means = [rng.permutation(values).mean() for _ in range(n_boot)]
    return np.quantile(means, [(1 - level) / 2, (1 + level) / 2])


@wrong("8-4", says="両側から 1 − level")
def whole_tail_on_both_sides(values, level, n_boot, rng):
    return np.quantile(_means(values, n_boot, rng), [1 - level, level])


@wrong("8-4", says="片側だけ")
def one_sided(values, level, n_boot, rng):
    return np.quantile(_means(values, n_boot, rng), [0, level])


@wrong("8-4", says="np.percentile に 0.025")
def share_for_per_cent(values, level, n_boot, rng):
    return np.percentile(_means(values, n_boot, rng), [(1 - level) / 2, (1 + level) / 2])


@wrong("8-4", says="値そのものの分位点")
def quantiles_of_the_values(values, level, n_boot, rng):
    return np.quantile(rng.choice(values, size=n_boot), [(1 - level) / 2, (1 + level) / 2])


@wrong("8-4", says="渡された rng だけ")
def generator_of_its_own(values, level, n_boot, rng):
    return np.quantile(_means(values, n_boot, np.random.default_rng()), [(1 - level) / 2, (1 + level) / 2])


@wrong("8-4", says="種のちがう rng を渡しても")
def seed_of_its_own(values, level, n_boot, rng):
    return np.quantile(_means(values, n_boot, np.random.default_rng(0)), [(1 - level) / 2, (1 + level) / 2])


@wrong("8-4", says="正規分布で近似した区間")
def normal_tails(values, level, n_boot, rng):
    half = NormalDist().inv_cdf((1 + level) / 2) * np.std(values, ddof=1) / np.sqrt(len(values))
    return np.mean(values) - half, np.mean(values) + half


@wrong("8-4", says="正規分布で近似した区間")
def standard_errors(values, level, n_boot, rng):
    error = np.std(values) / np.sqrt(len(values))
    return np.mean(values) - 1.96 * error, np.mean(values) + 1.96 * error


@wrong("8-4", says="2 つの数")
def all_the_means(values, level, n_boot, rng):
    return _means(values, n_boot, rng)


# One slip each: what beginners wrote, in the order of the exercises.


def dominates(a, b):
    return (a <= b).all() and (a < b).any()


def resampled(values, level, n_boot, rng):
    return rng.choice(values, (n_boot, len(values)))


def tails(level):
    return [(1 - level) / 2, (1 + level) / 2]


@wrong("8-2", says="残った行そのものを返しています")
def rows_themselves(costs):
    return costs[[not any(dominates(a, b) for a in costs) for b in costs]]


@wrong("8-2", says="1 列目がいちばん小さい行だけを残しています")
def best_in_first_column(costs):
    return costs[:, 0] == costs[:, 0].min()


@wrong("8-2", says="すぐ前までの行としか比べていません")
def rows_before(costs):
    return np.array([not any(dominates(a, b) for a in costs[:i]) for i, b in enumerate(costs)])


@wrong("8-2", says="あとの行としか比べていません")
def rows_after(costs):
    return np.array([not any(dominates(a, b) for a in costs[i:]) for i, b in enumerate(costs)])


@wrong("8-2", says="誰かに勝っている行を残しています")
def beats_somebody(costs):
    return np.array([any(dominates(b, a) for a in costs) for b in costs])


@wrong("8-3", says="行ごとの最小と最大でそろえています")
def scaled_by_row(table, weights):
    return _over_known(_unit(table.T).T, weights)


@wrong("8-3", says="向きが逆です")
def upside_down_scale(table, weights):
    return _over_known(1 - _unit(table), weights)


@wrong("8-3", says="欠けた値のある列が、まるごと NaN になっています")
def minimum_with_gaps(table, weights):
    return _over_known((table - table.min(axis=0)) / (table.max(axis=0) - table.min(axis=0)), weights)


@wrong("8-3", says="列の数で割っています")
def over_columns(table, weights):
    return np.nanmean(_unit(table) * weights, axis=1)


@wrong("8-3", says="使える列の重みの和が 0 の行に、数が入っています", points=1)
def zero_for_no_weight(table, weights):
    return np.nan_to_num(_over_known(_unit(table), weights))


@wrong("8-3", says="最小値を引いただけです")
def minimum_taken_only(table, weights):
    return _over_known(table - np.nanmin(table, axis=0), weights)


@wrong("8-3", says="数を 1 つしか返していません")
def mean_of_all_rows(table, weights):
    return np.nanmean(_over_known(_unit(table), weights))


@wrong("8-3", says="かっこがありません")
def no_brackets_above(table, weights):
    return _over_known(
        table - np.nanmin(table, axis=0) / (np.nanmax(table, axis=0) - np.nanmin(table, axis=0)), weights
    )


@wrong("8-4", says="値の和の区間になっています")
def sums(values, level, n_boot, rng):
    return np.quantile(resampled(values, level, n_boot, rng).sum(axis=1), tails(level))


@wrong("8-4", says="引き直した回の向きに平均しています")
def averages_over_rounds(values, level, n_boot, rng):
    return np.quantile(resampled(values, level, n_boot, rng).mean(axis=0), tails(level))


@wrong("8-4", says="level が使われず、いつも 95 % の区間にな")
def always_95(values, level, n_boot, rng):
    return np.quantile(resampled(values, level, n_boot, rng).mean(axis=1), [0.025, 0.975])
