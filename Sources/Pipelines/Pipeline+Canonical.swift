internal import Base
internal import Vision

extension Pipeline {
  /// The bytes whose digest is the pipeline's identity: everything that decides what it answers, and nothing else.
  ///
  /// `models` are the digests of the networks, in their order, of the one that hears speech, and of the catalogue; what is put over a recipe is in them already. Names and
  /// paths are left out, as are ways of saying the same.
  public func canonical(models: [String]) -> [UInt8] {
    precondition(models.count == infer.count + companions, "there is one model for each network")
    return JSONWriter.array { json in
      json.string("ridley-pipeline-1")
      write(sample, into: &json)
      write(gate, into: &json)
      json.array { for (step, model) in zip(infer, models) { write(step, model, into: &$0) } }
      write(track, into: &json)
      json.array { for step in smooth { write(step, into: &$0) } }
      json.array { json in
        json.string(emit.when == .end ? "end, by all votes" : emit.when.rawValue)
        json.strings(emit.labels)
        json.exact(Double(emit.score))
      }
      // Only where it is, so that the digests of all others stay what they were.
      if let proxy { json.array { write(proxy, into: &$0) } }
      writeScene(into: &json)
      writeInsights(into: &json)
      for model in models.dropFirst(infer.count) { json.string(model) }
    }
  }

  private func write(_ proxy: RenditionSettings, into json: inout JSONWriter) {
    json.string("proxy")
    json.integer(proxy.height)
    if let fps = proxy.fps { json.exact(1 / fps) }
  }

  private func write(_ sample: Sampling, into json: inout JSONWriter) {
    json.array { json in
      switch sample {
      case .all: json.string("all")
      case .keyFrames: json.string("key-frames")
      case .every(let seconds):
        json.string("every")
        json.exact(seconds)
      case .fps(let rate):
        json.string("every")
        json.exact(1 / rate)
      }
    }
  }

  private func write(_ gate: Gate?, into json: inout JSONWriter) {
    json.array { json in
      if let gate {
        let settings = gate.settings
        for value in [settings.motion, settings.difference, settings.hold, gate.lead] { json.exact(value) }
      }
    }
  }

  private func write(_ step: Infer, _ model: String, into json: inout JSONWriter) {
    json.array { json in
      json.string(model)
      json.strings(step.labels)
      if let on = step.on {
        json.integer(on)
        json.strings(step.of)
        json.exact(Double(step.score ?? 0))
        json.exact(step.margin)
      } else if let every = step.every {
        // Only where it is, so that the digests of all others stay what they were.
        json.string("every")
        json.exact(every)
      }
    }
  }

  private func write(_ track: Track?, into json: inout JSONWriter) {
    json.array { json in
      if let track {
        let settings = track.settings
        json.integer(track.on)
        for value in [settings.high, settings.low, settings.new] { json.exact(Double(value)) }
        json.exact(settings.overlap)
        json.exact(settings.buffer)
        json.integer(settings.confirm)
        json.bool(settings.labelsApart)
      }
    }
  }

  private func write(_ step: Smooth, into json: inout JSONWriter) {
    json.array { json in
      json.integer(step.of)
      json.string(step.by.rawValue)
      json.integer(step.votes.needed)
      json.integer(step.votes.of)
      json.exact(Double(step.votes.on))
      json.exact(Double(step.votes.off))
      // It came later: pipelines without it keep their digests.
      if step.over > 0 { json.exact(step.over) }
    }
  }
}

extension JSONWriter {
  mutating func exact(_ value: Double) { number(value, digits: 9) }
}
