internal import Base

extension TaskPlan {
  /// The plan for people: what it is of, then a line for each task.
  public var text: String {
    var head = AlignedText(rightFrom: .max)
    head.add("plan", digest)
    head.add("object", "\(object) (\(NumberFormat.measure(Double(source.byteCount) / 1e6)) MB)")
    let span = source.duration.map { ", \(NumberFormat.clock($0, tenths: $0 < 10))" } ?? ""
    head.add("source", source.isPicture ? "picture, \(source.size)" : "video, \(source.codec), \(source.size)\(span)")
    head.add("pipeline", pipelineDigest)
    for model in models {
      head.add("model", "\(model.name)@\(model.digest) on \(model.device), \(model.precision.rawValue)")
    }
    head.add("engine", engine)
    if let index { head.add("index", "\(index.digest) (\(index.frameCount) frames)") }
    head.add("profile", profile.text)
    return head.text + "\n" + tasks
  }

  private var tasks: String {
    var table = AlignedText(rightFrom: 2)
    table.add("task", "what", "frames", "CPU seconds")
    for (number, seconds) in expected.enumerated() {
      let time = NumberFormat.fixed(seconds, 1)
      switch cuts {
      case .whole(let reason): table.add("\(number)", "whole (\(reason.rawValue))", "", time)
      case .chunks(let ranges) where number < ranges.count:
        table.add("\(number)", "chunk", "\(ranges[number].lowerBound)–\(ranges[number].upperBound - 1)", time)
      case .chunks: table.add("\(number)", "merge", "", time)
      }
    }
    return table.text
  }
}

extension TaskProfile {
  /// `lambda: 900s, 10GiB of memory, 10GiB of disk, 5.79 cores`.
  public var text: String {
    let limits = [
      seconds.map { "\(Units.text(seconds: $0))" }, memoryBytes.map { "\(Units.text(bytes: $0)) of memory" },
      diskBytes.map { "\(Units.text(bytes: $0)) of disk" },
      cores == 1 ? "1 core" : "\(NumberFormat.short(cores, 2)) cores",
    ]
    return "\(name): \(limits.compactMap { $0 }.joined(separator: ", "))"
  }
}
