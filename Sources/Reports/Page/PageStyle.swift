/// The page's look: one sheet for light, dark, narrow and printed.
enum PageStyle {
  static let sheet: Markup = """
    :root { --ground:#f4f5f7; --panel:#fff; --line:#e3e6ea; --ink:#161b22; --soft:#57616e; --track:#f0f2f5;
      --mark:#3c5a80; --warn:#fff7e6; --warnline:#ecd9a8; }
    @media (prefers-color-scheme: dark) {
      :root { --ground:#0d1015; --panel:#151a21; --line:#262d37; --ink:#e8ecf1; --soft:#97a3b2; --track:#1b2129;
        --mark:#8fb0dc; --warn:#262112; --warnline:#4d4220; }
    }
    * { box-sizing:border-box; margin:0; }
    html { -webkit-text-size-adjust:100%; }
    body { background:var(--ground); color:var(--ink); font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;
      font-variant-numeric:tabular-nums; max-width:1120px; margin:0 auto; padding:40px 32px 24px;
      overflow-wrap:anywhere; }
    header { padding:0 0 20px; }
    .brand { color:var(--soft); font-size:13px; display:flex; gap:6px; flex-wrap:wrap; }
    .brand b { color:var(--ink); font-weight:600; }
    .brand time { margin-left:auto; }
    h1 { font-size:30px; line-height:1.2; font-weight:620; letter-spacing:-.015em; margin:26px 0 6px; }
    .facts { color:var(--soft); display:flex; flex-wrap:wrap; }
    .facts span + span::before { content:"·"; margin:0 8px; }
    .verdict { font-size:19px; line-height:1.4; margin-top:22px; max-width:46em; }
    .verdict b { font-weight:620; }
    .aside { color:var(--soft); }
    .figures { display:flex; flex-wrap:wrap; margin-top:26px; gap:1px;
      background:var(--line); border:1px solid var(--line); border-radius:10px; overflow:hidden; }
    .figures div { flex:1 1 150px; background:var(--panel); padding:16px 20px 14px; display:flex;
      flex-direction:column-reverse; }
    .figures dt { color:var(--soft); font-size:13px; }
    .figures dd { font-size:30px; line-height:1.2; font-weight:540; letter-spacing:-.02em; white-space:nowrap; }
    .figures dt .tag { color:var(--ink); }
    .run { margin-top:14px; font-size:13px; }
    .figures small { font-size:17px; font-weight:450; color:var(--soft); margin-left:4px; letter-spacing:0; }
    main { display:grid; gap:20px; grid-template-columns:minmax(0,1fr); }
    .panel { background:var(--panel); border:1px solid var(--line); border-radius:10px; padding:22px 24px 24px; }
    .title { display:flex; flex-wrap:wrap; align-items:baseline; gap:2px 16px; margin-bottom:18px; }
    h2 { font-size:16px; font-weight:620; letter-spacing:-.005em; }
    .hint { color:var(--soft); font-size:13px; }
    .notes { background:var(--warn); border:1px solid var(--warnline); border-radius:10px; padding:14px 24px; }
    .notes ul { padding-left:16px; }
    a { color:inherit; text-underline-offset:2px; }
    :focus-visible { outline:2px solid var(--mark); outline-offset:3px; border-radius:4px; }
    .tag { display:inline-flex; align-items:baseline; gap:7px; }
    .tag::before { content:""; flex:none; width:10px; height:10px; border-radius:3px; background:var(--c); }
    .tag data { color:var(--soft); }
    .tag data, .times { flex:none; white-space:nowrap; }
    .plots { display:grid; gap:10px; }
    .plot { display:grid; grid-template-columns:minmax(0,150px) minmax(0,1fr) 56px; gap:0 16px; align-items:center; }
    .plot .tag { line-height:1.25; max-height:2.5em; overflow:hidden; }
    .sum { text-align:right; color:var(--soft); font-size:13px; }
    svg { display:block; width:100%; }
    .strip { height:26px; background:var(--track); border-radius:4px; }
    .strip path { fill:var(--c); }
    .s1 { opacity:.35; } .s2 { opacity:.55; } .s3 { opacity:.78; }
    path.grid { fill:none; stroke:var(--line); stroke-width:1; vector-effect:non-scaling-stroke; }
    .axis { position:relative; height:20px; color:var(--soft); font-size:12px; white-space:nowrap; }
    .axis span { position:absolute; transform:translateX(-50%); }
    .axis .first { transform:none; }
    .tall { align-items:stretch; }
    .chart svg { height:170px; background:var(--track); border-radius:4px; }
    .band { fill:var(--c); opacity:.22; }
    .line { fill:none; stroke:var(--c); stroke-width:2; stroke-linejoin:round; stroke-linecap:round;
      vector-effect:non-scaling-stroke; }
    .levels { position:relative; font-size:12px; color:var(--soft); margin-left:-8px; }
    .levels span { position:absolute; transform:translateY(-50%); }
    .pictures { list-style:none; padding:0; display:grid; gap:22px 18px;
      grid-template-columns:repeat(auto-fill,minmax(220px,1fr)); }
    .single { grid-template-columns:minmax(0,640px); }
    figure { display:grid; gap:8px; }
    img { display:block; width:100%; height:auto; border-radius:6px; background:var(--track); }
    .open { display:block; cursor:zoom-in; border-radius:6px; }
    .close { display:none; }
    li:target figure { position:fixed; inset:0; z-index:1; padding:24px; background:var(--ground); overflow:auto;
      align-content:center; justify-items:center; }
    li:target .open { width:min(100%,1280px,calc((100vh - 140px) * var(--r))); cursor:default; }
    li:target .close { display:block; position:absolute; top:12px; right:20px; }
    .when b { font-weight:600; margin-right:4px; }
    .found { display:flex; flex-wrap:wrap; gap:2px 14px; font-size:14px; }
    .scroll { overflow-x:auto; }
    table { border-collapse:collapse; width:100%; }
    th, td { text-align:right; padding:9px 0 9px 20px; border-top:1px solid var(--line); font-weight:400;
      white-space:nowrap; }
    thead th { color:var(--soft); font-size:13px; border-top:0; padding-top:0; }
    th:first-child, td:first-child { text-align:left; padding-left:0; }
    tbody th { white-space:normal; min-width:120px; }
    .wide { text-align:left; width:34%; min-width:170px; }
    .share { display:inline-block; vertical-align:1px; width:min(62%,200px); height:8px; border-radius:4px;
      margin-right:12px; background:linear-gradient(90deg,var(--c) var(--w),var(--track) var(--w)); }
    .stages tbody tr:last-child td { padding-top:4px; padding-bottom:0; }
    .stages .wide { width:46%; }
    .histogram { height:34px; overflow:visible; }
    .shape { fill:var(--mark); opacity:.5; }
    .median { stroke:var(--mark); stroke-width:2; vector-effect:non-scaling-stroke; }
    .reasons td { text-align:left; white-space:normal; }
    .reasons th { text-align:left; }
    .reasons td:first-child { white-space:nowrap; width:90px; }
    .files .found { display:table-cell; white-space:normal; text-align:left; }
    .files .found .tag { margin-right:14px; }
    .files .reason { text-align:left; white-space:normal; color:var(--soft); }
    .files thead th:nth-child(2) { text-align:left; }
    h1 .tag { margin-right:22px; gap:10px; }
    .origin { display:grid; grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr)); gap:0 40px; }
    .origin div { display:grid; grid-template-columns:130px minmax(0,1fr); gap:16px; padding:8px 0;
      border-top:1px solid var(--line); }
    .origin dt { color:var(--soft); }
    footer { color:var(--soft); font-size:13px; padding:22px 0 0; }
    @media (max-width: 640px) {
      body { padding:24px 14px 20px; }
      h1 { font-size:24px; }
      .verdict { font-size:17px; }
      .panel { padding:18px 16px 20px; }
      .figures div { flex-basis:40%; padding:12px 16px 10px; }
      .figures dd { font-size:25px; }
      th, td { padding-left:14px; }
      tbody th { min-width:72px; }
      .wide, .stages .wide { width:auto; min-width:118px; }
      td:has(.share) { min-width:0; }
      .share { display:none; }
      .plot { grid-template-columns:minmax(0,1fr) auto; gap:4px 12px; }
      .plot > :nth-child(2) { grid-row:2; grid-column:1 / -1; }
      .plot.tall > :nth-child(2) { grid-column:1; }
      .levels { grid-row:2; width:34px; }
      .tall .hint br { display:none; }
      .axis .minor { display:none; }
      .pictures { grid-template-columns:repeat(auto-fill,minmax(150px,1fr)); gap:18px 14px; }
      .single { grid-template-columns:minmax(0,1fr); }
      .origin div { grid-template-columns:104px minmax(0,1fr); }
    }
    @media print {
      :root { --ground:#fff; --panel:#fff; --line:#d5d9de; --ink:#000; --soft:#444; --track:#f3f4f6; --mark:#3c5a80;
        --warn:#fff; --warnline:#999; }
      body { max-width:none; padding:0; font-size:12px; print-color-adjust:exact; -webkit-print-color-adjust:exact; }
      .figures div { flex-basis:100px; padding:10px 12px; }
      .figures dd { font-size:20px; }
      .pictures { grid-template-columns:repeat(3,1fr); gap:14px; }
      .plot, li, tr, .figures, .notes { break-inside:avoid; }
      .title { break-after:avoid; }
      .scroll { overflow:visible; }
    }
    """
}
