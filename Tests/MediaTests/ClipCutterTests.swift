import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Clips without coding anew, as Debian's ffmpeg decodes them: the film's own pictures, and no other.
struct ClipCutterTests {
  private let folder = TemporaryFolder()

  /// What films are made of, by name: their codec, how far its key frames lie apart, and their sound.
  private static let films: [(name: String, coded: [String])] = [
    ("plain.mp4", ["-c:v", "libx264", "-g", "30", "-bf", "0", "-c:a", "aac"]),
    ("between.mp4", ["-c:v", "libx264", "-g", "30", "-bf", "3", "-b_strategy", "0", "-c:a", "aac"]),
    ("open.mp4", ["-c:v", "libx264", "-g", "20", "-bf", "3", "-x264-params", "open-gop=1", "-c:a", "aac"]),
    ("hevc.mp4", ["-c:v", "libx265", "-x265-params", "log-level=none:keyint=25:bframes=3:open-gop=1", "-c:a", "aac"]),
    ("between.mkv", ["-c:v", "libx264", "-g", "30", "-bf", "2", "-c:a", "libopus"]),
    ("vp9.webm", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "40", "-c:a", "libopus"]),
    ("broadcast.ts", ["-c:v", "libx264", "-g", "25", "-bf", "2", "-c:a", "aac"]),
    ("mpeg2.ts", ["-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-q:v", "4", "-c:a", "mp2"]),
    ("prores.mov", ["-c:v", "prores", "-c:a", "pcm_s16le"]),
    ("silent.mp4", ["-c:v", "libx264", "-g", "60", "-bf", "2", "-an"]),
  ]

  private func film(_ name: String, _ coded: [String], rate: String = "25", seconds: Int = 6) throws -> String {
    let sources = [
      "-f", "lavfi", "-i", "testsrc2=s=128x72:r=\(rate):d=\(seconds)", "-f", "lavfi", "-i",
      "aevalsrc=0.5*sin(2*PI*t*(200+100*t)):s=48000:d=\(seconds)",
    ]
    return try Picturing.ffmpeg(
      sources + ["-pix_fmt", name.hasSuffix("mov") ? "yuv422p10le" : "yuv420p"] + coded, to: name, in: folder)
  }

  /// Time and digest of each picture that Debian's ffmpeg shows.
  private func pictures(_ path: String) throws -> [(time: Double, digest: String)] {
    let told = shell([
      "ffmpeg", "-v", "error", "-i", "file:" + path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f",
      "framemd5", "-",
    ])
    try #require(told.status == 0, "\(told.errors)")
    var base = 1.0
    return told.output.split(separator: "\n").compactMap { line in
      if line.hasPrefix("#tb 0: ") {
        let sides = line.dropFirst(7).split(separator: "/").compactMap { Double($0) }
        base = sides[0] / sides[1]
      }
      guard !line.hasPrefix("#") else { return nil }
      let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      return (Double(fields[2])! * base, fields[5])
    }
  }

  /// 8,000 samples a second, as Debian's ffmpeg plays them from zero on.
  private func sound(_ path: String) throws -> [Float] {
    let raw = try Picturing.ffmpeg(
      ["-i", "file:" + path, "-map", "0:a:0", "-ac", "1", "-af", "aresample=8000:async=1:first_pts=0", "-f", "f32le"],
      to: UUID().uuidString + ".raw", in: folder)
    return try Data(contentsOf: URL(filePath: raw)).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  private func cut(_ film: String, _ ranges: [ClosedRange<Int>]) throws -> [String] {
    let cutter = try ClipCutter(film)
    let clips = ranges.enumerated().map {
      ClipCutter.Clip(frames: $1, path: folder.file("clip-\(UUID().uuidString)-\($0).\(cutter.ending)"))
    }
    try cutter.cut(clips)
    return clips.map(\.path)
  }

  @Test(arguments: films.map(\.name))
  func `a clip shows exactly its frames, bit by bit, each at its time, and nothing else`(_ name: String) throws {
    let film = try film(name, try #require(Self.films.first { $0.name == name }).coded)
    let whole = try pictures(film)
    try #require(whole.count == 150)
    let ranges = [0...0, 1...6, 7...59, 60...61, 62...89, 90...120, 121...149]
    for (range, path) in zip(ranges, try cut(film, ranges)) {
      let found = try pictures(path)
      #expect(found.map(\.digest) == whole[range].map(\.digest), "\(name) \(range)")
      for (here, there) in zip(found, whole[range]) {
        #expect((here.time - (there.time - whole[range.lowerBound].time)).magnitude < 0.0011, "\(name) \(range)")
      }
      let own = try Films.all(path)
      #expect(own.count == range.count && own.first?.time == 0)
      let told = shell(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path])
      let length = try #require(Double(told.output.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect((length - Double(range.count) / 25).magnitude < 0.002, "\(name) \(range): \(length)")
    }
  }

  @Test(arguments: ["between.mp4", "between.mkv", "broadcast.ts", "prores.mov", "mpeg2.ts"])
  func `sound is with its picture`(_ name: String) throws {
    let film = try film(name, try #require(Self.films.first { $0.name == name }).coded)
    // Sound begins where the first of both does.
    let starts = try ["format=start_time", "stream=start_time"].map { entry in
      let told = shell([
        "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", entry, "-of", "csv=p=0", film,
      ]).output
      return try #require(
        told.split(whereSeparator: { "\n, ".contains($0) }).compactMap { Double($0) }.first, "\(told)")
    }
    let (whole, first) = (try sound(film), starts[1] - starts[0])
    let ranges = [0...36, 37...74, 75...149]
    for (range, path) in zip(ranges, try cut(film, ranges)) {
      let part = try sound(path)
      #expect((Double(part.count) / 8000 - Double(range.count) / 25).magnitude < 0.06, "\(name): \(part.count)")
      // The tone rises all the time: a shift of a millisecond is another one.
      let start = Int((first + Double(range.lowerBound) / 25) * 8000)
      let errors = (-80...80).map { shift -> (shift: Int, error: Double) in
        let pairs = (800..<min(part.count, 8000) - 400).compactMap { place -> Double? in
          let there = start + place + shift
          return whole.indices.contains(there) ? Double(abs(part[place] - whole[there])) : nil
        }
        return (shift, pairs.reduce(0, +) / Double(max(1, pairs.count)))
      }
      let best = try #require(errors.min { $0.error < $1.error })
      #expect(best.shift.magnitude <= 8 && best.error < 0.1, "\(name) \(range): \(best)")
    }
  }

  @Test func `times that change, a turned picture, and times from late on are kept`() throws {
    let film = try Picturing.ffmpeg(
      [
        "-f", "lavfi", "-i", "testsrc2=s=128x72:r=30:d=4", "-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr",
        "-c:v", "libx264", "-g", "40", "-bf", "2", "-output_ts_offset", "5.5",
      ], to: "late.mkv", in: folder)
    let turned = try Picturing.ffmpeg(
      ["-i", film, "-c", "copy", "-copyts", "-metadata:s:v", "rotate=90"], to: "turned.mov", in: folder)
    for (path, isTurned) in [(film, false), (turned, true)] {
      let whole = try Films.all(path)
      let ranges = [0...33, 34...70, 71...(whole.count - 1)]
      for (range, clip) in zip(ranges, try cut(path, ranges)) {
        let frames = try Films.all(clip)
        try #require(frames.count == range.count)
        for (here, there) in zip(frames, whole[range]) {
          #expect((here.time - (there.time - whole[range.lowerBound].time)).magnitude < 0.0011)
          #expect(here.planes == there.planes)
        }
        if isTurned { #expect(try MediaReader(clip).info.size == MediaReader(path).info.size) }
      }
    }
  }

  @Test func `what cannot be cut is refused with a way out, and leaves nothing behind`() throws {
    let vp8 = try film("old.webm", ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"], seconds: 1)
    let fault = try #require(throws: Fault.self) { _ = try ClipCutter(vp8) }
    #expect(fault.kind == .unsupported && fault.message.contains("vp8") && fault.message.contains("libx264"))
    let av1 = try film(
      "new.mp4", ["-c:v", "libaom-av1", "-cpu-used", "8", "-g", "40", "-usage", "realtime", "-an"], seconds: 4)
    let hidden = try #require(throws: Fault.self) { _ = try cut(av1, [10...20]) }
    #expect(hidden.kind == .unsupported && hidden.message.contains("AV1"))
    let whole = try pictures(av1).map(\.digest)
    #expect(try pictures(try cut(av1, [0...39, 40...79])[1]).map(\.digest) == Array(whole[40..<80]))
    let film = try film("plain.mp4", Self.films[0].coded, seconds: 2)
    let clip = ClipCutter.Clip(frames: 40...60, path: folder.file("out/beyond.mp4"))
    #expect(throws: Fault.self) { try ClipCutter(film).cut([clip]) }
    let nowhere = ClipCutter.Clip(frames: 0...10, path: folder.file("nowhere/a.mp4"))
    let missing = try #require(throws: Fault.self) { try ClipCutter(film).cut([nowhere]) }
    #expect(missing.message.contains("no such file or folder"))
    try FileManager.default.createDirectory(atPath: folder.file("out"), withIntermediateDirectories: true)
    let clips = (0..<10).map { ClipCutter.Clip(frames: $0 * 5...$0 * 5 + 4, path: folder.file("out/\($0).mp4")) }
    #expect(throws: Fault.self) {
      try ClipCutter(film).cut(clips) { (share) throws(Fault) in
        if share >= 0 { throw Fault(.closed, "stopped") }
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).isEmpty)
  }

  @Test func `many clips that would begin at one key frame are refused, and those of many key frames are not`() throws {
    let few = try film("few.mp4", ["-c:v", "libx264", "-g", "9999", "-sc_threshold", "0", "-an"])
    let clips = (0..<150).map { ClipCutter.Clip(frames: $0...$0, path: folder.file("f-\($0).mp4")) }
    let fault = try #require(throws: Fault.self) { try ClipCutter(few).cut(clips) }
    #expect(fault.message.contains("key frames"))
    #expect(try ClipCutter(few).byteCount(of: clips) > 50 * Int(FileSystem.byteCount(of: few)))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("")).allSatisfy { !$0.contains(".part-") })
    let many = try film("many.mp4", ["-c:v", "libx264", "-g", "1", "-an"])
    try ClipCutter(many).cut(clips)
    #expect(try pictures(clips[77].path).map(\.digest) == [try pictures(many)[77].digest])
  }

  @Test func `a second sound is kept, and one that has no place in the clip is told`() throws {
    let film = try film("one.mp4", Self.films[0].coded, seconds: 2)
    let two = try Picturing.ffmpeg(
      ["-i", film, "-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", "-metadata:s:a:1", "language=ger"],
      to: "two.mp4", in: folder)
    #expect(try ClipCutter(two).soundCount == 2)
    let clip = try cut(two, [10...39])[0]
    let told = shell([
      "ffprobe", "-v", "error", "-show_entries", "stream=codec_name:stream_tags=language", "-of", "csv=p=0", clip,
    ])
    #expect(told.output.split(separator: "\n").filter { $0.hasPrefix("aac") }.count == 2 && told.output.contains("ger"))
    let wma = try Picturing.ffmpeg(
      ["-i", film, "-c:v", "copy", "-c:a", "wmav2"], to: "windows.mkv", in: folder)
    let cutter = try ClipCutter(wma)
    #expect(cutter.leftOut == ["wmav2"] && cutter.ending == "mp4" && cutter.soundCount == 0)
  }

  @Test func `the length of a header is cut in every track, and never made longer`() {
    func box(_ name: String, _ content: [UInt8]) -> [UInt8] {
      number(content.count + 8) + Array(name.utf8) + content
    }
    func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    func movie(_ film: Int, _ edits: [Int]) -> [UInt8] {
      let list = [0, 0, 0, 0] + number(edits.count) + edits.flatMap { number($0) + number(7) + number(65536) }
      let track = box("tkhd", [UInt8](repeating: 0, count: 20) + number(film)) + box("edts", box("elst", list))
      return box("mvhd", [UInt8](repeating: 0, count: 16) + number(film)) + box("trak", track)
    }
    var cut = movie(900, [100, 800])
    #expect(EditList.limit(&cut, toTicks: 500) && cut == movie(500, [100, 400]))
    #expect(EditList.limit(&cut, toTicks: 600) && cut == movie(500, [100, 400]))
    var none = box("mvhd", [UInt8](repeating: 0, count: 20)) + box("trak", [])
    #expect(!EditList.limit(&none, toTicks: 5))
  }
}
