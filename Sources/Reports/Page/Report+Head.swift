internal import Base
internal import Predictions

extension Report {
  /// File, model, one sentence that answers, and the numbers of the run.
  var head: Markup {
    let date: Markup = header.started.isEmpty ? "" : "<time>\(header.started)</time>"
    return """
      <header>
      <p class="brand"><b>Ridley</b> <span>analysis report</span> \(date)</p>
      <h1><bdi>\(summary.file)</bdi></h1>
      <p class="facts">\(facts)</p>
      <p class="verdict">\(verdict)</p>
      \(answer)
      <p class="facts run">\(work)</p>
      </header>
      """
  }

  private var facts: Markup {
    var facts: [Markup] = []
    if let size = summary.size { facts.append("\(size.width) × \(size.height)") }
    if let codec = summary.codec { facts.append("\(codec)") }
    if let duration = summary.duration { facts.append("\(NumberFormat.clock(duration, tenths: duration < 10))") }
    facts.append("<bdi>\(header.modelName)</bdi>")
    facts.append("\(header.task.rawValue)")
    return Markup(facts.map { "<span>\($0)</span>" })
  }

  private var verdict: Markup {
    let frames = summary.framesAnalyzed
    guard frames > 0 else { return "No frame was analysed." }
    let looked = frames == 1 ? "one picture" : "\(NumberFormat.grouped(frames)) frames"
    guard summary.predictions > 0 else { return "Nothing was found in \(looked). \(unfound)" }
    let series = collector.timeline.rows().first { !$0.sums.isEmpty }
    if let series {
      let over = frames == 1 ? "in one picture" : "on average over \(looked)"
      return "The score is <b>\(meanWording(series))</b> \(over)."
    }
    guard let most = summary.labels.first, most.label != header.task.rawValue else {
      return "\(NumberFormat.grouped(summary.predictions)) answers in \(looked)."
    }
    let kinds = "\(NumberFormat.grouped(summary.labels.count)) labels"
    let name: Markup = "<b><bdi>\(most.label)</bdi></b>"
    let often = NumberFormat.grouped(most.frames)
    switch (frames == 1, summary.labels.count == 1) {
    case (true, true): return "Found \(name) in one picture."
    case (true, false): return "Found \(kinds) in one picture; most often \(name)."
    case (false, true): return "Found \(name) in \(often) of \(looked)."
    case (false, false): return "Found \(kinds) in \(looked); most often \(name), in \(often) of them."
    }
  }

  private static let answerLimit = 6

  /// The labels with what they count for: objects, where they were followed, else frames, else findings in the picture.
  private var answer: Markup {
    let all = summary.labels.filter { $0.label != header.task.rawValue }
    let objects = all.reduce(0) { $0 + $1.objects }
    let counted = all.map { label -> (LabelTally, Int) in
      (label, objects > 0 ? label.objects : summary.framesAnalyzed == 1 ? label.count : label.frames)
    }.filter { $0.1 > 0 }.sorted { ($1.1, $0.0.label) < ($0.1, $1.0.label) }
    guard !counted.isEmpty else { return .nothing }
    let unit = objects > 0 ? "object" : summary.framesAnalyzed == 1 ? "" : "frame"
    var figures = counted.prefix(Self.answerLimit).map { label, count -> Markup in
      figure(NumberFormat.grouped(count), unit.isEmpty ? "" : unit + (count == 1 ? "" : "s"), tag(label.label))
    }
    let rest = counted.count - Self.answerLimit
    if rest > 0 { figures.append(figure("+ \(NumberFormat.grouped(rest))", "", "<a href=\"#labels\">more labels</a>")) }
    return "<dl class=\"figures\">\n\(figures)\n</dl>"
  }

  /// How much work it was, in a line.
  private var work: Markup {
    var facts = [
      "\(NumberFormat.grouped(summary.framesAnalyzed)) \(summary.framesAnalyzed == 1 ? "frame" : "frames") analysed",
      "\(NumberFormat.grouped(summary.predictions)) \(summary.predictions == 1 ? "prediction" : "predictions")",
    ]
    if let rate = summary.framesPerSecond, summary.framesAnalyzed > 1 {
      facts.append("\(NumberFormat.measure(rate)) frames a second")
    }
    if let times = summary.timesRealTime { facts.append("\(NumberFormat.measure(times)) × real time") }
    switch summary.secondsElapsed {
    case 60...: facts.append("\(NumberFormat.clock(summary.secondsElapsed)) taken")
    case 1...: facts.append("\(NumberFormat.measure(summary.secondsElapsed)) s taken")
    default: facts.append("\(NumberFormat.fixed(summary.secondsElapsed * 1000, 0)) ms taken")
    }
    return Markup(facts.map { "<span>\($0)</span>" })
  }

  /// Why nothing may have been found.
  private var unfound: Markup { "<span class=\"aside\">No answer reached the model’s threshold.</span>" }

  private func figure(_ value: String, _ unit: String, _ name: Markup) -> Markup {
    let unit: Markup = unit.isEmpty ? "" : "<small>\(unit)</small>"
    return "<div><dt>\(name)</dt><dd>\(value)\(unit)</dd></div>"
  }

  /// What the reader must know before trusting the numbers.
  var warnings: Markup {
    var lines: [Markup] = []
    if summary.interrupted {
      let end = NumberFormat.clock(collector.timeline.end)
      lines.append("<li><b>Stopped early.</b> This page tells of the video up to \(end).</li>")
    }
    if summary.corrupt.count > 0 {
      let frames =
        summary.corrupt.count == 1 ? "One frame is" : "\(NumberFormat.grouped(summary.corrupt.count)) frames are"
      let link: Markup = "<a href=\"#corrupt\">Which, and why</a>"
      lines.append("<li><b>\(frames) damaged or missing.</b> Damaged ones were looked at all the same. \(link)</li>")
    }
    lines += summary.notes.map { "<li>\($0)</li>" }
    guard !lines.isEmpty else { return .nothing }
    return "<section class=\"notes\" aria-label=\"Notes\"><ul>\n\(lines)\n</ul></section>"
  }
}
