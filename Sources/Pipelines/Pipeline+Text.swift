internal import Base
internal import Vision

extension Pipeline {
  /// The normal form as a document: every default written out, one spelling; read back, it is the same pipeline.
  public var text: String {
    var text = "sample: \(sampleText)\n"
    if let gate {
      text += "gate:\n"
      text += "  motion: \(Normal.number(gate.settings.motion))\n"
      text += "  difference: \(Normal.number(gate.settings.difference))\n"
      text += "  hold: \(Normal.time(gate.settings.hold))\n"
      text += "  lead: \(Normal.time(gate.lead))\n"
    }
    text += "infer:\n" + infer.map(self.text).joined()
    if let track { text += self.text(track) }
    if !smooth.isEmpty { text += "smooth:\n" + smooth.map(self.text).joined() }
    text += "emit:\n  when: \(emit.when.rawValue)\n"
    if !emit.labels.isEmpty { text += "  labels: \(Normal.words(emit.labels))\n" }
    return text + "  score: \(Normal.score(emit.score))\n"
  }

  private var sampleText: String {
    switch sample {
    case .all: "all"
    case .keyFrames: "key-frames"
    case .every(let seconds): "{every: \(Normal.time(seconds))}"
    case .fps(let rate): "{fps: \(Normal.number(rate))}"
    }
  }

  private func text(_ step: Infer) -> String {
    var lines = ["name: \(Normal.quoted(step.name))", "model: \(Normal.quoted(step.model))"]
    if let on = step.on { lines.append("on: \(Normal.quoted(infer[on].name))") }
    if !step.of.isEmpty { lines.append("of: \(Normal.words(step.of))") }
    if step.on != nil {
      lines.append("score: \(Normal.score(step.score ?? 0))")
      lines.append("margin: \(Normal.number(step.margin))")
    }
    if let threshold = step.threshold { lines.append("threshold: \(Normal.score(threshold))") }
    if let iou = step.iou { lines.append("iou: \(Normal.score(iou))") }
    if let top = step.top { lines.append("top: \(top)") }
    if let precision = step.precision { lines.append("precision: \(precision.rawValue)") }
    if !step.labels.isEmpty { lines.append("labels: \(Normal.words(step.labels))") }
    return "  - " + lines.joined(separator: "\n    ") + "\n"
  }

  private func text(_ track: Track) -> String {
    let settings = track.settings
    return """
      track:
        on: \(Normal.quoted(infer[track.on].name))
        high: \(Normal.score(settings.high))
        low: \(Normal.score(settings.low))
        new: \(Normal.score(settings.new))
        overlap: \(Normal.number(settings.overlap))
        buffer: \(Normal.time(settings.buffer))
        confirm: \(settings.confirm)
        labels: \(settings.labelsApart ? "apart" : "together")

      """
  }

  private func text(_ step: Smooth) -> String {
    """
      - of: \(Normal.quoted(infer[step.of].name))
        by: \(step.by.rawValue)
        votes: \(step.votes.needed) of \(step.votes.of)
        on: \(Normal.score(step.votes.on))
        off: \(Normal.score(step.votes.off))

    """
  }
}
