// What the Japanese of the course is held to: textlint-rule-preset-ja-technical-writing, as it comes, but for the
// rules below. Each says why it is not as it comes. Run by tests/voice.py.
module.exports = {
  rules: {
    "preset-ja-technical-writing": {
      // Lists are read on with the text around them, so they speak as it does (the preset wants である there).
      "no-mix-dearu-desumasu": { preferInHeader: "", preferInBody: "ですます", preferInList: "ですます", strict: false },
      // The course asks its readers what they would say: 「どのモデルがいい？」 is somebody speaking.
      "no-exclamation-question-mark": { allowFullWidthQuestion: true },
      // It forbids 「どんな絵になると思いますか」, a question before a picture, and 「と思うかもしれません」, which
      // takes up what the reader thinks. Both are meant.
      "ja-no-weak-phrase": false,
      // ★★☆ is how hard an exercise is.
      "ja-no-successive-word": { allow: ["★", "☆"] },
      // 「学習にもテストにも」, 「小さすぎても大きすぎても」, 「離れるのか近づくのか」: the pair is the idiom.
      "no-doubled-joshi": { allow: ["も", "でも", "ても", "にも", "か"] },
      // Names that are longer than six characters and have no shorter form.
      "max-kanji-continuous-len": { max: 6, allow: ["二乗平均平方根", "確率的主成分分析", "日本郵便株式会社"] },
    },
  },
};
