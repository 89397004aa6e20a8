public import Base

/// What is in a film: labels of each scene and of all of it.
public struct Content: Sendable, Hashable {
  public struct Label: Sendable, Hashable {
    /// Of the vocabulary; of a label that it does not know, the label itself.
    public let id: String
    public let name: String
    /// Mean over the time in which it was above the least score, 0 to 1.
    public let score: Double
    /// Seconds.
    public let firstSeen: Double
    /// Part of the time looked at in which it was above the least score, 0 to 1.
    public let share: Double
    /// Ids of everything that it is a kind of, the nearest first.
    public let parents: [String]

    var presence: Double { score * share }
  }

  public struct Scene: Sendable, Hashable {
    public let span: TimeSpan
    /// How many of its frames were looked at: with none, no labels mean nothing.
    public let frames: Int
    public let labels: [Label]
  }

  public let vocabulary: Versioned
  public let networks: [AnsweringNetwork]
  public let scenes: [Scene]
  public let video: [Label]

  init(vocabulary: Vocabulary, networks: [AnsweringNetwork], scenes: [Scene], video: [Label]) {
    self.vocabulary = Versioned(name: vocabulary.name, version: vocabulary.version)
    (self.networks, self.scenes, self.video) = (networks, scenes, video)
  }

  /// An object of `vocabulary`, `networks`, `scenes` and `video`; the format is described in `docs/analysers.md`.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.object("vocabulary") { json in
        json.field("name", vocabulary.name)
        json.field("version", vocabulary.version)
      }
      json.array("networks") { json in
        for network in networks {
          json.object { json in
            json.field("name", network.name)
            json.field("version", network.version)
          }
        }
      }
      json.array("scenes") { json in
        for (number, scene) in scenes.enumerated() { Self.write(scene, number, into: &json) }
      }
      json.array("video") { for label in video { Self.write(label, into: &$0) } }
    }
  }

  private static func write(_ scene: Scene, _ number: Int, into json: inout JSONWriter) {
    json.object { json in
      json.field("scene", number)
      json.field("start", scene.span.start, digits: 6)
      json.field("end", scene.span.end, digits: 6)
      json.field("frames", scene.frames)
      json.array("labels") { for label in scene.labels { write(label, into: &$0) } }
    }
  }

  private static func write(_ label: Label, into json: inout JSONWriter) {
    json.object { json in
      json.field("id", label.id)
      json.field("name", label.name)
      json.field("score", label.score)
      json.field("firstSeen", label.firstSeen, digits: 6)
      json.field("share", label.share)
      if !label.parents.isEmpty { json.field("parents", label.parents) }
    }
  }
}
