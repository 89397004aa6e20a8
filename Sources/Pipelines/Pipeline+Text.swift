internal import Base
internal import Vision

extension Pipeline {
  /// The normal form as a document: every default written out, one spelling; read back, it is the same pipeline.
  public var text: String {
    var text = proxy.map { "proxy: \($0.text)\n" } ?? ""
    text += "sample: \(sampleText)\n"
    if let gate {
      text += "gate:\n"
      text += "  motion: \(CanonicalText.number(gate.settings.motion))\n"
      text += "  difference: \(CanonicalText.number(gate.settings.difference))\n"
      text += "  hold: \(CanonicalText.time(gate.settings.hold))\n"
      text += "  lead: \(CanonicalText.time(gate.lead))\n"
    }
    if !infer.isEmpty { text += "infer:\n" + infer.map(self.text).joined() }
    text += sceneText
    if let track { text += self.text(track) }
    if !smooth.isEmpty { text += "smooth:\n" + smooth.map(self.text).joined() }
    return text + rulesText + (infer.isEmpty ? "" : emitText) + insightsText
      + (cut.map { "cut: \($0.rawValue)\n" } ?? "")
  }

  private var emitText: String {
    let labels = emit.labels.isEmpty ? "" : "  labels: \(CanonicalText.words(emit.labels))\n"
    return "emit:\n  when: \(emit.when.rawValue)\n\(labels)  score: \(CanonicalText.score(emit.score))\n"
  }

  private var sampleText: String {
    switch sample {
    case .all: "all"
    case .keyFrames: "key-frames"
    case .every(let seconds): "{every: \(CanonicalText.time(seconds))}"
    case .fps(let rate): "{fps: \(CanonicalText.number(rate))}"
    }
  }

  private func text(_ step: Infer) -> String {
    var lines = ["name: \(CanonicalText.quoted(step.name))", "model: \(CanonicalText.quoted(step.model))"]
    if let every = step.every { lines.append("every: \(CanonicalText.time(every))") }
    if let on = step.on { lines.append("on: \(CanonicalText.quoted(infer[on].name))") }
    if !step.of.isEmpty { lines.append("of: \(CanonicalText.words(step.of))") }
    if step.on != nil {
      lines.append("score: \(CanonicalText.score(step.score ?? 0))")
      lines.append("margin: \(CanonicalText.number(step.margin))")
    }
    if let threshold = step.threshold { lines.append("threshold: \(CanonicalText.score(threshold))") }
    if let iou = step.iou { lines.append("iou: \(CanonicalText.score(iou))") }
    if let top = step.top { lines.append("top: \(top)") }
    if let precision = step.precision { lines.append("precision: \(precision.rawValue)") }
    if let engine = step.engine { lines.append("engine: \(engine.rawValue)") }
    if !step.labels.isEmpty { lines.append("labels: \(CanonicalText.words(step.labels))") }
    return "  - " + lines.joined(separator: "\n    ") + "\n"
  }

  private func text(_ track: Track) -> String {
    let settings = track.settings
    return """
      track:
        on: \(CanonicalText.quoted(infer[track.on].name))
        high: \(CanonicalText.score(settings.high))
        low: \(CanonicalText.score(settings.low))
        new: \(CanonicalText.score(settings.new))
        overlap: \(CanonicalText.number(settings.overlap))
        buffer: \(CanonicalText.time(settings.buffer))
        confirm: \(settings.confirm)
        labels: \(settings.labelsApart ? "apart" : "together")

      """
  }

  private func text(_ step: Smooth) -> String {
    """
      - of: \(CanonicalText.quoted(infer[step.of].name))
        by: \(step.by.rawValue)
        votes: \(step.votes.needed) of \(step.votes.of)
        on: \(CanonicalText.score(step.votes.on))
        off: \(CanonicalText.score(step.votes.off))

    """ + (step.over > 0 ? "    over: \(CanonicalText.time(step.over))\n" : "")
  }
}
