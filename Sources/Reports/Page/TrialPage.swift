public import Base
public import Evaluation
internal import Predictions
internal import Rendering

/// A trial as a page for a person: what two versions tell otherwise, the largest first, each with its picture, and buttons that say which of
/// them is right.
///
/// One file that needs no network. What was decided is saved as a file by a script of the page, which stands in it and in nothing that was put in.
public enum TrialPage {
  /// One difference as it is shown.
  public struct Item: Sendable {
    let difference: TrialDifference
    let file: String
    let picture: [UInt8]?
    let size: Size?

    /// `file` is its name for people, `picture` a JPEG, `size` that of the whole picture.
    public init(_ difference: TrialDifference, file: String, picture: [UInt8]?, size: Size?) {
      (self.difference, self.file, self.picture, self.size) = (difference, file, picture, size)
    }
  }

  /// The page in UTF-8; `count` is how many differences there are in all.
  public static func page(_ report: TrialReport, _ items: [Item], of count: Int, version: String) -> [UInt8] {
    let all = report.comparison.all
    let agreement = all.agreement.map { NumberFormat.fixed($0 * 100, 2) + " %" } ?? "–"
    let body: Markup = """
      <header>
      <p class="brand"><b>Ridley</b> <span>trial of a version</span></p>
      <h1><bdi>\(report.newer.name)</bdi> beside <bdi>\(report.older.name)</bdi></h1>
      <p class="facts"><span>\(NumberFormat.grouped(report.files)) files</span>\
      <span>\(NumberFormat.grouped(report.comparison.frames)) frames</span>\
      <span>\(NumberFormat.grouped(all.items)) items</span>\(speed(report))</p>
      <p class="verdict">\(verdict(report))</p>
      <dl class="figures"><div><dt>told alike</dt><dd>\(agreement)</dd></div>
      \(TrialDifference.Kind.allCases.map { figure($0, all) })
      </dl>
      </header>
      <main>
      \(notes(report))
      \(labels(report))
      <section class="panel" aria-labelledby="differences">
      <div class="title"><h2 id="differences">What is told otherwise</h2>\
      <p class="hint">\(NumberFormat.grouped(items.count)) of \(NumberFormat.grouped(count)), the largest first. \
      Blue is the older version, orange the newer one.</p></div>
      <p class="decide"><button id="save">Save decisions</button> <button id="save-coco">Save as COCO</button> \
      <span class="hint" id="decided">nothing is decided yet</span></p>
      <ul class="pictures">
      \(items.enumerated().map { figure($0.offset, $0.element) })
      </ul>
      </section>
      </main>
      <footer><p>Ridley \(version)</p></footer>
      <script type="application/json" id="items">\(Markup(json: itemsJSON(report, items)))</script>
      <script>\(TrialScript.text)</script>
      """
    return HTMLReport.document("Trial of \(report.newer.name)", body, style: sheet, allowsScript: true)
  }

  private static let sheet: Markup = """
    .decide { display:flex; flex-wrap:wrap; gap:8px 12px; align-items:center; margin-bottom:18px; }
    button { font:inherit; padding:4px 12px; border:1px solid var(--line); border-radius:6px; background:var(--track);
      color:inherit; cursor:pointer; }
    fieldset { border:0; padding:0; display:flex; flex-wrap:wrap; gap:2px 12px; font-size:14px; }
    legend { float:left; margin-right:10px; color:var(--soft); }
    """

  private static func speed(_ report: TrialReport) -> Markup {
    report.speed.map { "<span>\(NumberFormat.fixed($0, 2)) times the speed</span>" } ?? ""
  }

  private static func verdict(_ report: TrialReport) -> Markup {
    guard let verdict = report.verdict else {
      return report.failures.isEmpty ? "No rule was given." : "No rule was given, and not every file was compared."
    }
    let clauses = verdict.clauses.map { clause, value, holds -> Markup in
      "\(holds ? "holds" : "does not hold"): \(clause.text) (\(value.map { NumberFormat.short($0, 4) } ?? "not known"))<br>"
    }
    return "<b>\(report.isPassed ? "Passed." : "Not passed.")</b><br>\(clauses)"
  }

  private static func figure(_ kind: TrialDifference.Kind, _ all: TrialComparison.Label) -> Markup {
    "<div><dt>\(kind.rawValue)</dt><dd>\(NumberFormat.grouped(all.kinds[kind, default: 0]))</dd></div>"
  }

  private static func notes(_ report: TrialReport) -> Markup {
    let failures = report.failures.map { "\($0.file) was not compared: \($0.reason)" }
    let lines = (report.notes + failures).map { line -> Markup in "<li>\(line)</li>" }
    return lines.isEmpty ? "" : "<div class=\"notes\"><ul>\(lines)</ul></div>"
  }

  private static func labels(_ report: TrialReport) -> Markup {
    let heads = TrialDifference.Kind.allCases.map { kind -> Markup in "<th scope=\"col\">\(kind.rawValue)</th>" }
    let rows = report.labels.map { name, label -> Markup in
      let cells = TrialDifference.Kind.allCases.map { kind -> Markup in "<td>\(label.kinds[kind, default: 0])</td>" }
      return """
        <tr><th scope="row"><bdi>\(name)</bdi></th><td>\(label.items)</td>\
        <td>\(label.agreement.map { NumberFormat.fixed($0, 4) } ?? "–")</td>\(cells)\
        <td>\(label.shift.mean.map { NumberFormat.fixed($0, 4) } ?? "–")</td></tr>
        """
    }
    return """
      <section class="panel" aria-labelledby="labels"><div class="title"><h2 id="labels">Labels</h2></div>
      <div class="scroll"><table><thead><tr><th scope="col">Label</th><th scope="col">items</th>\
      <th scope="col">agreement</th>\(heads)<th scope="col">score shift</th></tr></thead>
      <tbody>\(rows)</tbody></table></div></section>
      """
  }

  private static func figure(_ number: Int, _ item: Item) -> Markup {
    let difference = item.difference
    let picture: Markup =
      item.picture.map { "<img alt=\"\" loading=\"lazy\" src=\"data:image/jpeg;base64,\(Base64.encode($0))\">" }
      ?? "<p class=\"hint\">The picture is not there any more.</p>"
    let choices = [("newer", "newer is right"), ("older", "older is right"), ("neither", "neither")]
      .map { value, words -> Markup in
        "<label><input type=\"radio\" name=\"d\(number)\" value=\"\(value)\"> \(words)</label>"
      }
    return """
      <li><figure>\(picture)<figcaption>
      <p class="when"><b>\(difference.kind.rawValue)</b> <span class="aside">size \(NumberFormat.fixed(difference.size, 3))\
      \(difference.overlap.map { ", overlap " + NumberFormat.fixed($0, 2) } ?? "")</span></p>
      <p class="found"><span>older: <bdi>\(words(difference.older))</bdi></span>\
      <span>newer: <bdi>\(words(difference.newer))</bdi></span></p>
      <p class="hint"><bdi>\(item.file)</bdi>, frame \(difference.frame), \(NumberFormat.clock(difference.time, tenths: true))</p>
      <fieldset><legend>Decide</legend>\(choices)</fieldset>
      </figcaption></figure></li>
      """
  }

  private static func words(_ side: Prediction?) -> String {
    guard let side else { return "–" }
    return [side.label, side.score.map { NumberFormat.fixed(Double($0), 2) }].compactMap(\.self).joined(separator: " ")
  }

  private static func itemsJSON(_ report: TrialReport, _ items: [Item]) -> [UInt8] {
    JSONWriter.object { json in
      json.field("older", report.older.name)
      json.field("newer", report.newer.name)
      json.array("items") { json in
        for item in items {
          json.object { json in
            item.difference.write(into: &json)
            json.field("width", ifKnown: item.size?.width)
            json.field("height", ifKnown: item.size?.height)
          }
        }
      }
    }
  }
}
