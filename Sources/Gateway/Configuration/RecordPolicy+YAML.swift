internal import Base
internal import Catalog
internal import YAML

/// How clips are cut and streams recorded, as the configuration has it: `true`, or what is other than usual.
extension ClipPolicy {
  private enum Key: String, CaseIterable { case before, after, most, keep, space }

  init?(_ value: YAMLValue) throws(Fault) {
    self.init()
    guard case .map = value.node.kind else {
      guard try value.flag() else { return nil }
      return
    }
    let fields = try value.fields(Key.self)
    if let value = fields[.before] { before = try value.seconds(in: Self.rolls) }
    if let value = fields[.after] { after = try value.seconds(in: Self.rolls) }
    if let value = fields[.most] { most = try value.seconds(in: Self.lengths) }
    keep = try fields[.keep]?.age()
    space = try fields[.space]?.bytes(in: RecordPolicy.spaces)
  }
}

extension RecordPolicy {
  private enum Key: String, CaseIterable { case segment, keep, space }

  init?(_ value: YAMLValue) throws(Fault) {
    self.init()
    guard case .map = value.node.kind else {
      guard try value.flag() else { return nil }
      return
    }
    let fields = try value.fields(Key.self)
    if let value = fields[.segment] { segment = try value.seconds(in: Self.segments) }
    keep = try fields[.keep]?.age()
    space = try fields[.space]?.bytes(in: Self.spaces)
  }
}

extension ServeConfiguration.RecordingSettings {
  private enum Key: String, CaseIterable {
    case keep, space, free
    case keepClips = "keep-clips"
  }

  init(_ value: YAMLValue) throws(Fault) {
    self.init()
    let fields = try value.fields(Key.self)
    keepSeconds = try fields[.keep]?.age()
    keepClipsSeconds = try fields[.keepClips]?.age()
    space = try fields[.space]?.bytes(in: RecordPolicy.spaces)
    free = try fields[.free]?.bytes(in: 1 << 20...1 << 60)
  }
}

extension YAMLValue {
  /// `30d`, or a shorter time with its unit.
  func age(least: Double = 1) throws(Fault) -> Double {
    let text = try self.text()
    guard text.hasSuffix("d") else { return try seconds(in: least...86_400) }
    guard let days = Double(text.dropLast()), days >= 0.001, days <= 36_500 else {
      throw fault("'\(text)' is no time for \(what), expected e.g. 30d, or 12h")
    }
    return days * 86_400
  }
}
