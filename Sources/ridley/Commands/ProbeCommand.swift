import Base
import Isolation
import Media
import Reports

/// What is in a video or picture, exactly.
struct ProbeCommand: Command {
  let path = ["probe"]
  let summary = "Say what is in a video or picture: exact times, key frames, rotation, colour"
  let positionals = [Positional(name: "file", help: "a video or picture, an http(s) address, or - for standard input")]
  let options = [
    Option.flag("frames", "list every frame; reads and decodes the whole file"),
    Option.flag("json", "print one JSON object"),
    Option.value("fetch-limit", "SIZE", "longest file fetched from an address or standard input (default 8GB)"),
  ]
  let examples = [
    "ridley probe clip.mp4", "ridley probe clip.mp4 --frames --json", "ridley probe https://example.com/clip.mp4",
  ]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let input = try InputFile(arguments.positionals[0])
    let file = input.shown
    let limit = try arguments.bytes("fetch-limit") ?? AnalyzeCommand.usualFetchLimit
    let opened = try OpenedInput.open(input, limit: limit, bar: ProgressBar(input.name, isQuiet: false))
    do {
      let reader = try MediaReader(opened.path)
      if arguments.has("json") {
        try printJSON(file, reader, frames: arguments.has("frames"))
      } else {
        try Terminal.print(text(file, reader.info))
        if arguments.has("frames") { try printFrames(reader) }
      }
    } catch {
      throw error.at(file)
    }
    return .success
  }

  private func text(_ file: String, _ info: MediaInfo) -> String {
    var rows: [(String, String)] = [
      ("file", "\(file), \(info.format), \(info.byteCount) bytes"),
      ("video", "stream \(info.streamIndex), \(info.codec)\(info.profile.isEmpty ? "" : " (\(info.profile))")"),
      ("size", "\(info.size)" + (info.size == info.codedSize ? "" : " (coded \(info.codedSize))")),
      ("orientation", "\(info.orientation)"),
      (
        "pixels",
        "\(info.pixelFormat), \(info.bitDepth) bit, \(info.sampleAspect.isKnown ? "aspect \(info.sampleAspect)" : "square")"
      ),
      (
        "colour",
        "matrix \(info.colorMatrix), range \(info.colorRange), primaries \(info.colorPrimaries), transfer \(info.colorTransfer)"
      ),
    ]
    if !info.isPicture {
      rows.append(
        (
          "time",
          "\(info.duration.map { "\(NumberFormat.fixed($0, 3)) s" } ?? "unknown length"), \(info.frameRate) frames/s, time base \(info.timeBase), first PTS \(info.startPTS.map(String.init) ?? "unknown")"
        ))
      rows.append(("frames", info.frameCount.map { "\($0) as the file says" } ?? "not told by the file"))
      rows.append(("sound", info.hasAudio ? "yes" : "no"))
    }
    let width = rows.map(\.0.count).max()! + 2
    return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1 + "\n" }.joined()
  }

  private func printFrames(_ reader: MediaReader) throws(Fault) {
    let sink = FileSink(standardOutput: ())
    try sink.write("frame  pts  seconds  key\n")
    var count = 0
    while let frame = try reader.next() {
      let pts = frame.pts.map(String.init) ?? "-"
      SharedFlags.beat()
      try sink.write("\(frame.index)  \(pts)  \(NumberFormat.fixed(frame.time, 6))  \(frame.isKeyFrame ? "key" : "")\n")
      count += 1
    }
    try sink.write("\(count) frames, \(reader.corrupt.count) broken\n")
    try sink.flush()
  }

  private func printJSON(_ file: String, _ reader: MediaReader, frames: Bool) throws(Fault) {
    let sink = FileSink(standardOutput: ())
    var json = JSONWriter()
    try json.object { (json) throws(Fault) in
      ProbeJSON.write(file, reader.info, into: &json)
      if frames {
        try json.array("frames") { (json) throws(Fault) in
          while let frame = try reader.next() {
            SharedFlags.beat()
            ProbeJSON.write(frame, into: &json)
            try sink.write(json.bytes)
            json.drain()
          }
        }
        json.field("corrupt_frames", reader.corrupt.count)
      }
    }
    json.newline()
    try sink.write(json.bytes)
    try sink.flush()
  }
}
