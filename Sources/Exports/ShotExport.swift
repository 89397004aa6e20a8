public import Base
public import Insights

/// The shots of one film as files that people of scene detection and editing expect.
public struct ShotExport: Sendable {
  public enum Format: String, CaseIterable, Sendable {
    case csv, edl, otio

    /// As `Content-Type` says it.
    public var contentType: String {
      switch self {
      case .csv: "text/csv; charset=utf-8"
      case .edl: "text/plain; charset=us-ascii"
      case .otio: "application/json"
      }
    }

    /// How a file of it is named, without the point in front.
    public var fileEnding: String { "shots.\(rawValue)" }
  }

  private let list: ShotList
  private let asset: ExportedAsset

  public init(_ list: ShotList, of asset: ExportedAsset) { (self.list, self.asset) = (list, asset) }

  /// The whole file.
  ///
  /// Faults say what the format cannot hold, and which can.
  public func bytes(as format: Format) throws(Fault) -> [UInt8] {
    switch format {
    case .csv: csv
    case .edl: try edl
    case .otio: otio
    }
  }

  // MARK: - CSV

  /// A line of names and a line a shot, with the columns of PySceneDetect's `list-scenes -s`.
  ///
  /// Frames are counted from 1, and the end frame is the last of the shot. Times count from the film's first frame; a shot ends where its last frame
  /// does. What lies between two shots, black or a dissolve, is in neither.
  private var csv: [UInt8] {
    var text = """
      Scene Number,Start Frame,Start Timecode,Start Time (seconds),End Frame,End Timecode,End Time (seconds),\
      Length (frames),Length (timecode),Length (seconds)

      """
    for (place, shot) in list.shots.enumerated() {
      let (start, end) = (milliseconds(shot.start), milliseconds(shot.end))
      let frames = shot.endFrame - shot.startFrame + 1
      text += "\(place + 1),\(shot.startFrame + 1),\(Digits.columns(start)),\(shot.endFrame + 1),"
      text += "\(Digits.columns(end)),\(frames),\(Digits.columns(end - start))\n"
    }
    return Array(text.utf8)
  }

  private func milliseconds(_ seconds: Double) -> Int { Digits.milliseconds(seconds, from: asset.firstTime) }

  // MARK: - EDL

  /// An event a shot, by the numbers of its frames; on the record side one behind the other, without what lies between.
  private var edl: [UInt8] {
    get throws(Fault) {
      var list = try EDLList(asset, instead: "shots-csv and shots-otio")
      var output = ExportOutput()
      list.begin(&output)
      for shot in self.list.shots where shot.endFrame >= shot.startFrame {
        try list.add(shot.startFrame..<shot.endFrame + 1, marker: nil, &output)
      }
      return output.take()
    }
  }

  // MARK: - OTIO

  /// The whole film as clips end to end: the shots, and between them what belongs to none, each with what it is in `metadata.ridley`.
  private var otio: [UInt8] {
    let clock = OTIOClock(asset)
    let ends = list.shots.map(\.end) + list.black.map(\.end) + [asset.duration ?? 0]
    let length = max(1, clock.frame(ends.max() ?? 0))
    var json = JSONWriter()
    var timeline: JSONWriter.Level? = clock.begin(&json)
    var from = 0
    for (place, shot) in list.shots.enumerated() {
      let (start, end) = (clock.frame(shot.start), clock.frame(shot.end))
      guard end > max(start, from) else { continue }
      if start > from { clip("between", nil, from..<start, shot.transitionIn, clock, length, &json) }
      clip("shot", place + 1, max(start, from)..<end, shot.transitionIn, clock, length, &json)
      from = end
    }
    if from < length { clip(list.shots.isEmpty ? "film" : "between", nil, from..<length, nil, clock, length, &json) }
    json.close(&timeline)
    json.newline()
    return json.take()
  }

  private func clip(
    _ kind: String, _ number: Int?, _ frames: Range<Int>, _ into: ShotTransition?, _ clock: OTIOClock, _ length: Int,
    _ json: inout JSONWriter
  ) {
    json.object { json in
      json.field("OTIO_SCHEMA", "Clip.1")
      json.field("name", number.map { "Shot \($0)" } ?? into?.kind.rawValue ?? kind)
      clock.range("source_range", frames.lowerBound, frames.count, &json)
      clock.media(length, &json)
      json.object("metadata") { json in
        json.object("ridley") { json in
          json.field("kind", kind)
          json.field("shot", ifKnown: number)
          json.field("transition", ifKnown: into?.kind.rawValue)
          json.field("score", ifKnown: into?.score)
        }
      }
    }
  }
}
