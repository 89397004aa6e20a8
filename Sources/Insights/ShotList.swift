public import Base

/// How one shot becomes the next.
public struct ShotTransition: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// From one frame to the next, or with one mixed frame between.
    case cut
    /// A dissolve, or a fade through another colour than black.
    case gradual
    /// Through black frames, faded or not.
    case black
  }

  public var kind: Kind
  /// The last frame that is the old shot alone.
  public var from: Int
  /// The first frame that is the new shot alone.
  public var to: Int
  /// 0 to 1; 0.5 stands at the usual threshold.
  public var score: Double

  public init(kind: Kind, from: Int, to: Int, score: Double) {
    (self.kind, self.from, self.to, self.score) = (kind, from, to, score)
  }
}

/// Frames that belong together, first and last included.
public struct Shot: Sendable, Hashable {
  /// Seconds at which the first frame is shown.
  public var start: Double
  /// Seconds at which the last frame ends, where the frame after it is shown; never before ``start``.
  public var end: Double
  public var startFrame: Int
  /// The last frame of it, itself included.
  public var endFrame: Int
  /// What led into it; `nil` at the start of the film, unless that is black.
  public var transitionIn: ShotTransition?

  public init(start: Double, end: Double, startFrame: Int, endFrame: Int, transitionIn: ShotTransition? = nil) {
    (self.start, self.end, self.startFrame, self.endFrame) = (start, end, startFrame, endFrame)
    self.transitionIn = transitionIn
  }
}

/// Black frames, first and last included.
public struct BlackSpan: Sendable, Hashable {
  public var start: Double
  public var end: Double
  public var startFrame: Int
  public var endFrame: Int

  public init(start: Double, end: Double, startFrame: Int, endFrame: Int) {
    (self.start, self.end, self.startFrame, self.endFrame) = (start, end, startFrame, endFrame)
  }
}

/// A film as shots; numbers are those of the frames that were given.
public struct ShotList: Sendable, Hashable {
  public var shots: [Shot]
  public var black: [BlackSpan]

  public init(shots: [Shot] = [], black: [BlackSpan] = []) { (self.shots, self.black) = (shots, black) }

  /// Between one shot and the next, in order: what a film's black start leads into is none.
  public var transitions: [ShotTransition] { shots.dropFirst().compactMap(\.transitionIn) }

  /// An object of `shots` and `black`.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.array("shots") { for shot in shots { shot.write(into: &$0) } }
      json.array("black") { json in
        for span in black {
          json.object { $0.span(span.start, span.end, span.startFrame, span.endFrame) }
        }
      }
    }
  }
}

extension Shot {
  /// `transitionIn` is null where nothing led into it.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.span(start, end, startFrame, endFrame)
      json.field("transitionIn") { json in
        guard let transition = transitionIn else { return json.null() }
        json.object { json in
          json.field("kind", transition.kind.rawValue)
          json.field("from", transition.from)
          json.field("to", transition.to)
          json.field("score", transition.score)
        }
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func span(_ start: Double, _ end: Double, _ startFrame: Int, _ endFrame: Int) {
    field("start", start, digits: 6)
    field("end", end, digits: 6)
    field("startFrame", startFrame)
    field("endFrame", endFrame)
  }
}
