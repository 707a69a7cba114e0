import Support

/// What stands around a page's content: the head with its style sheet, and the end.
enum PageFrame {
  static func begin(title: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
    <title>\(MarkupText.escaped(title)) · posetop</title>
    <style>\(style)</style></head><body><main>

    """
  }

  static let end = """

    <footer>made by posetop \(posetopVersion)</footer></main></body></html>

    """

  /// Okabe and Ito's colours for the curves: told apart with every kind of colour vision.
  private static let style = """
    :root{--ground:#fff;--ink:#1b1f24;--soft:#667;--line:#d9dde3;--tile:#f5f6f8;--a:#0072b2;--b:#d55e00;--c:#009e73}
    @media(prefers-color-scheme:dark){:root{--ground:#14161a;--ink:#e4e7eb;--soft:#9aa3ad;--line:#333941;--tile:#1d2127;--a:#56b4e9;--b:#e69f00;--c:#2fc79a}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
    main{max-width:1180px;margin:0 auto;padding:28px 20px 60px}
    h1{font-size:26px;margin:0;overflow-wrap:anywhere}header p{margin:2px 0 18px;color:var(--soft)}
    h2{font-size:17px;margin:34px 0 10px}
    .tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(158px,1fr));gap:10px;margin:0}
    .tiles div{background:var(--tile);border-radius:8px;padding:9px 12px}
    dt{color:var(--soft);font-size:12px}dd{margin:0;font-size:17px;overflow-wrap:anywhere}dd small{font-size:12px;color:var(--soft)}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:14px}
    svg{width:100%;height:auto;background:var(--tile);border-radius:8px}
    svg text{font-size:11px;fill:var(--soft)}svg .title{font-size:13px;fill:var(--ink)}
    .grid{stroke:var(--line);stroke-width:1}.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
    .line{fill:none;stroke-width:1.6;stroke-linejoin:round}
    .line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}
    svg .a:not(.line){fill:var(--a)}svg .b:not(.line){fill:var(--b)}svg .c:not(.line){fill:var(--c)}
    .wide{overflow-x:auto}
    table{border-collapse:collapse;font-size:14px}
    th{color:var(--soft);font-weight:500;text-align:left}
    td,th{padding:3px 14px 3px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
    .n{text-align:right;font-variant-numeric:tabular-nums}
    .bar{width:160px;vertical-align:middle}.bar i{display:block;height:9px;background:var(--a);border-radius:3px}
    .samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:14px}
    figure{margin:0}img{max-width:100%;height:auto;border-radius:6px;display:block}
    figcaption{font-size:12px;color:var(--soft);overflow-wrap:anywhere}
    footer{margin-top:44px;color:var(--soft);font-size:12px}
    @media(max-width:520px){.charts{grid-template-columns:1fr}}
    """
}
