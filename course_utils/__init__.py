"""「生成モデルの全体像」の道具箱。

ノートブックは必要なものをここから読み込みます。考え方はノートブックに、配管はこのパッケージにあります。

======================  ====================================================
``course_utils.data``        例題のデータ（すべて同梱、ネットワーク不要）
``course_utils.models``      生成モデル。どれも ``fit`` / ``sample`` / ``log_prob``
``course_utils.plots``       図（日本語フォント・代替テキスト・色覚に配慮した配色）
``course_utils.widgets``     スライダーで動かす図
``course_utils.exercises``   演習の採点 ``check``
======================  ====================================================

The package itself imports nothing: matplotlib, ipywidgets and nbgrader load where they are used.
"""

__version__ = "1.0.0"
