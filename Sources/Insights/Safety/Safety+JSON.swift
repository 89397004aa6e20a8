public import Base

extension Safety {
  /// An object; the format is described in `docs/analysers.md`.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      writeGround(into: &json)
      json.object("video") { json in
        json.field("risk", risk?.rawValue)
        json.field("riskId", ifKnown: risk.flatMap { riskIds[$0] })
      }
      json.array("scenes") { json in
        for (number, scene) in scenes.enumerated() { write(scene, number, into: &json) }
      }
      json.array("findings") { for finding in findings { write(finding, into: &$0) } }
      json.array("doubts") { for doubt in doubts { Self.write(doubt, into: &$0) } }
      json.array("assessed") { for assessed in assessed { Self.write(assessed, into: &$0) } }
      json.field("notAssessed", notAssessed)
    }
  }

  private func writeGround(into json: inout JSONWriter) {
    json.object("taxonomy") { json in
      json.field("name", taxonomy.name)
      json.field("version", taxonomy.version)
    }
    json.object("mapping") { json in
      json.field("name", mapping.name)
      json.field("version", mapping.version)
    }
    json.array("networks") { json in
      for witness in networks {
        json.object { json in
          json.field("name", witness.network.name)
          json.field("version", witness.network.version)
          json.field("frames", witness.frames)
        }
      }
    }
    json.field("frames", frames)
  }

  private func write(_ scene: Scene, _ number: Int, into json: inout JSONWriter) {
    json.object { json in
      json.field("scene", number)
      json.field("start", scene.span.start, digits: 6)
      json.field("end", scene.span.end, digits: 6)
      json.field("frames", scene.frames)
      json.field("risk", scene.risk?.rawValue)
      json.array("categories") { json in
        for finding in scene.findings {
          json.object { json in
            json.field("iabId", finding.category.id)
            json.field("risk", finding.risk.rawValue)
          }
        }
      }
    }
  }

  private func write(_ finding: Finding, into json: inout JSONWriter) {
    json.object { json in
      json.field("iabId", finding.category.id)
      json.field("category", finding.category.name)
      json.field("risk", finding.risk.rawValue)
      json.field("riskId", ifKnown: riskIds[finding.risk])
      json.field("score", finding.score)
      json.array("segments") { for segment in finding.segments { Self.write(segment, into: &$0) } }
      json.array("evidence") { json in
        for evidence in finding.surest { Self.write(evidence, into: &json) }
      }
    }
  }

  private static func write(_ segment: Segment, into json: inout JSONWriter) {
    json.object { json in
      json.field("start", segment.span.start, digits: 6)
      json.field("end", segment.span.end, digits: 6)
      json.field("rule", segment.rule)
      json.field("score", segment.score)
      json.field("frames", segment.frames)
      json.array("evidence") { for evidence in segment.evidence { write(evidence, into: &$0) } }
    }
  }

  private static func write(_ evidence: Evidence, into json: inout JSONWriter) {
    json.object { json in
      json.field("frame", evidence.frame)
      json.field("time", evidence.time, digits: 6)
      json.field("network", evidence.network)
      json.field("label", evidence.label)
      json.field("score", evidence.score)
      if let box = evidence.box {
        json.array("box") { for side in [box.x, box.y, box.width, box.height] { $0.number(side, digits: 5) } }
      }
      json.field("version", evidence.version)
    }
  }

  private static func write(_ doubt: Doubt, into json: inout JSONWriter) {
    json.object { json in
      json.field("iabId", doubt.category.id)
      json.field("rule", doubt.rule)
      json.field("risk", doubt.risk.rawValue)
      json.field("tooShort", doubt.tooShort)
      json.field("disagreedFrames", doubt.disagreedFrames)
    }
  }

  private static func write(_ assessed: Assessed, into json: inout JSONWriter) {
    json.object { json in
      json.field("iabId", assessed.category.id)
      json.field("category", assessed.category.name)
      json.field("networks", assessed.networks)
      json.field("labels", assessed.labels)
      json.field("worst", assessed.worst.rawValue)
    }
  }
}

extension Safety.Finding {
  /// The evidence of its surest segment.
  var surest: [Safety.Evidence] { segments.max { $0.score < $1.score }?.evidence ?? [] }
}
