import Base
import Exports
import Insights
import Media

/// Pictures of each shot as JPEG, evenly over it, with a table of which frames they are.
struct ShotPictures {
  private let film: String
  private let index: PackedFrameIndex?
  private let figures: ShotFigures
  private let place: (folder: String, prefix: String)

  init(_ film: String, _ index: PackedFrameIndex?, _ figures: ShotFigures, _ place: (folder: String, prefix: String)) {
    (self.film, self.index, self.figures, self.place) = (film, index, figures, place)
  }

  /// Writes them and answers how many there are; `progress` gets the share that is done.
  func write(
    _ list: ShotList, _ count: Int, progress: (Double) throws(Fault) -> Void
  ) throws(Fault) -> Int {
    let known = try index.map { (packed) throws(Fault) in FrameIndex(packed, of: try SourceStamp(film)) }
    let access = try FrameAccess(film, index: known)
    var (table, made) = ("Scene Number,Image Number,Frame Number,Timecode,Time (seconds),File\n", 0)
    for (number, shot) in list.shots.enumerated() {
      for (place, frame) in Self.places(shot, count).enumerated() {
        let name = "\(ShotFiles.name(self.place.prefix, number + 1, of: list.shots.count))-\(place + 1).jpg"
        let found = try picture(frame, access)
        try FileSystem.write(found.jpeg, to: "\(self.place.folder)/\(name)")
        let time = Digits.columns(Digits.milliseconds(found.time, from: figures[0].time))
        table += "\(number + 1),\(place + 1),\(frame + 1),\(time),\(Self.quoted(name))\n"
        made += 1
      }
      try progress(Double(number + 1) / Double(list.shots.count))
    }
    try FileSystem.write(Array(table.utf8), to: "\(place.folder)/\(place.prefix)-images.csv")
    return made
  }

  /// Upright, in the film's own size.
  private func picture(_ number: Int, _ access: FrameAccess) throws(Fault) -> (jpeg: [UInt8], time: Double) {
    let frame = try access.frame(at: number)
    // Of a damaged film another decoder may see other frames.
    guard let frame, figures.isFrame(number, at: frame.time) else {
      throw Fault(.badInput, "frame \(number) is another one when the film is read again: no picture is made of it")
    }
    return (try JPEG.encode(rgb: try frame.rgb(size: frame.size), size: frame.size), frame.time)
  }

  /// Evenly from the shot's first frame to its last but for one at either edge; all of a shot of few frames, each once.
  static func places(_ shot: Shot, _ count: Int) -> [Int] {
    let frames = shot.endFrame - shot.startFrame + 1
    guard frames > count else { return Array(shot.startFrame...shot.endFrame) }
    guard count > 1 else { return [shot.startFrame + (frames - 1) / 2] }
    let margin = frames >= count + 2 ? 1 : 0
    let reach = frames - 1 - 2 * margin
    return (0..<count).map { shot.startFrame + margin + ($0 * reach + (count - 1) / 2) / (count - 1) }
  }

  /// A name as a field of CSV.
  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { "\",\r\n".contains($0) }) || "=+-@\t".contains(name.first ?? " ") else { return name }
    return "\"\(name.replacing("\"", with: "\"\""))\""
  }
}
