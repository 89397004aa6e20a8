public import Base

/// What a node says of itself with each beat, in parts of a few kilobytes: lists end where a part is full, and say how much was left out.
public struct NodeReport: Sendable, Hashable {
  /// The program and the machine it runs on.
  public struct Machine: Sendable, Hashable {
    public var version: String
    /// As `uname -m` has it.
    public var architecture: String
    public var profile: String?
    /// Milliseconds since 1970 by the node's own clock as it goes now: now, and when the program began.
    public var (now, began): (Int, Int)
    /// How often it began since the node was enrolled.
    public var starts: Int?
    public var cores: Int
    public var figures: MachineFigures
    /// Bytes of memory that the program has.
    public var ownBytes = 0
    /// Bytes of the library's disk: free, and in all.
    public var freeBytes: Int?
    public var diskBytes: Int?
    /// Below which what is free is too little.
    public var reserveBytes: Int?
    /// Milliseconds that the node's clock is ahead of its centre's; `nil` where that is not known.
    public var clockOffset: Int?

    public init(version: String, architecture: String, cores: Int, figures: MachineFigures, now: Int, began: Int) {
      (self.version, self.architecture, self.cores, self.figures) = (version, architecture, cores, figures)
      (self.now, self.began) = (now, began)
    }
  }

  /// A version of a model.
  public struct Model: Sendable, Hashable {
    public var (name, version): (String, String)
    /// `loading`, `ready`, `unavailable`.
    public var state: String
    public var digest: String?
    /// Why it cannot be asked.
    public var reason: String?
    /// Seconds of a processor that one inference takes on the node's machine, as it was tried there.
    public var inferenceSeconds: Double?

    public init(_ name: String, version: String, state: String, digest: String? = nil, reason: String? = nil) {
      (self.name, self.version, self.state, self.digest, self.reason) = (name, version, state, digest, reason)
    }
  }

  /// A pipeline, by the digest of its file's bytes.
  public struct Pipeline: Sendable, Hashable {
    public var (name, digest): (String, String)

    public init(_ name: String, digest: String) { (self.name, self.digest) = (name, digest) }
  }

  public struct Stream: Sendable, Hashable {
    public var name: String
    public var state: String
    public var reason: String?
    /// Pictures that came and answers that were given since the program began.
    public var (received, delivered): (Int, Int)
    /// Answers a second since the last report; `nil` in the first.
    public var rate: Double?

    public init(_ name: String, state: String, reason: String?, received: Int, delivered: Int) {
      (self.name, self.state, self.reason) = (name, state, reason)
      (self.received, self.delivered) = (received, delivered)
    }
  }

  /// Something that was told of in the node's log.
  public struct Trouble: Sendable, Hashable {
    /// Milliseconds since 1970 by the node's clock.
    public var at: Int
    public var text: String

    public init(at: Int, _ text: String) { (self.at, self.text) = (at, text) }
  }

  /// Bytes of one part, at most.
  public static let partByteCount = 8 << 10
}

/// As parts of a beat.
extension NodeReport {
  /// The part `node`.
  public static func node(_ machine: Machine) -> [UInt8] { JSONWriter.object(capacity: 1024, machine.write) }

  /// The part `models`: those that cannot be asked first, since they are news.
  public static func models(_ models: [Model], _ pipelines: [Pipeline]) -> [UInt8] {
    let sorted = models.filter { $0.state != "ready" } + models.filter { $0.state == "ready" }
    return part([("models", sorted.map(\.json)), ("pipelines", pipelines.map(\.json))])
  }

  /// The part `streams`, likewise, with the answers a second of all of them, also of those for which there is no room.
  public static func streams(_ streams: [Stream]) -> [UInt8] {
    let sorted = streams.filter { $0.state != "live" } + streams.filter { $0.state == "live" }
    let rates = streams.compactMap(\.rate)
    return part([("streams", sorted.map(\.json))], rate: rates.isEmpty ? nil : rates.reduce(0, +))
  }

  /// The part `errors`: the newest first.
  public static func errors(_ troubles: [Trouble]) -> [UInt8] {
    part([("errors", troubles.sorted { $0.at > $1.at }.map(\.json))])
  }

  /// Lists of objects, as many as there is room for.
  private static func part(_ lists: [(name: String, lines: [[UInt8]])], rate: Double? = nil) -> [UInt8] {
    var (room, left) = (partByteCount - 256, 0)
    return JSONWriter.object(capacity: 1024) { json in
      for (name, lines) in lists {
        json.array(JSONWriter.Name(name)) { json in
          for line in lines {
            guard line.count + 1 <= room else {
              left += 1
              continue
            }
            room -= line.count + 1
            json.embed(line)
          }
        }
      }
      json.field("rate", ifKnown: rate, digits: 2)
      if left > 0 { json.field("left_out", left) }
    }
  }

  /// Sentences may be as long as a cause is; a report has no room for that.
  static func short(_ text: String?) -> String? {
    guard let text, text.utf8.count > 240 else { return text }
    return String(text.unicodeScalars.prefix(120)) + "…"
  }
}

extension NodeReport.Machine {
  fileprivate func write(into json: inout JSONWriter) {
    json.field("version", version)
    json.field("architecture", architecture)
    json.field("profile", ifKnown: profile)
    json.field("now", now)
    json.field("began", began)
    json.field("starts", ifKnown: starts)
    json.field("cores", cores)
    if !figures.load.isEmpty { json.array("load") { for value in figures.load { $0.number(value, digits: 2) } } }
    json.object("memory") { json in
      json.field("bytes", ifKnown: figures.memoryBytes)
      json.field("available", ifKnown: figures.availableBytes)
      json.field("own", ownBytes)
    }
    json.object("disk") { json in
      json.field("bytes", ifKnown: diskBytes)
      json.field("free", ifKnown: freeBytes)
      json.field("reserve", ifKnown: reserveBytes)
    }
    json.field("temperature", ifKnown: figures.temperature, digits: 1)
    json.field("uptime", ifKnown: figures.uptime, digits: 0)
    json.field("clock_offset_ms", ifKnown: clockOffset)
  }
}

extension NodeReport.Model {
  fileprivate var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("model", name)
      json.field("version", version)
      json.field("state", state)
      json.field("digest", ifKnown: digest)
      json.field("reason", ifKnown: NodeReport.short(reason))
      json.field("inference_seconds", ifKnown: inferenceSeconds, digits: 9)
    }
  }
}

extension NodeReport.Pipeline {
  fileprivate var json: [UInt8] {
    JSONWriter.object(capacity: 128) { json in
      json.field("pipeline", name)
      json.field("digest", digest)
    }
  }
}

extension NodeReport.Stream {
  fileprivate var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("stream", name)
      json.field("state", state)
      json.field("reason", ifKnown: NodeReport.short(reason))
      json.field("received", received)
      json.field("delivered", delivered)
      json.field("rate", ifKnown: rate, digits: 2)
    }
  }
}

extension NodeReport.Trouble {
  fileprivate var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("at", at)
      json.field("text", NodeReport.short(text) ?? "")
    }
  }
}
