import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Sound that begins late or early, has holes, is damaged, cut off or absurd.
struct SoundTroubleTests {
  private let folder = TemporaryFolder()

  private func film(_ name: String, _ arguments: [String]) throws -> String {
    try Picturing.ffmpeg(arguments, to: name, in: folder)
  }

  /// Clicks as a file, so that it can be put beside a film with another beginning.
  private func clicks(_ name: String = "clicks.wav", noise: Double = 0) throws -> String {
    try film(name, Sounding.clicks(noise: noise))
  }

  private func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: folder.file(name)))
    return folder.file(name)
  }

  private func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  @Test(arguments: ["mp4", "mov", "mkv", "ts", "nut", "flv"], [0.75, 2.0, -0.5])
  func `sound that begins later or earlier than the picture keeps its distance`(_ kind: String, _ offset: Double) throws
  {
    let path = try film(
      "\(kind)\(offset).\(kind)",
      Sounding.flashes() + ["-itsoffset", "\(offset)", "-i", try clicks()] + Sounding.h264 + ["-c:a", "aac"])
    let (heard, bright) = (try Sounding.hear(path), try Sounding.bright(path))
    try #require(bright.count == 3)
    for flash in bright {
      let click = try #require(heard.click(near: flash + offset), "no click")
      #expect(abs(click - flash - offset) < 0.0015, "\(kind): \(click) beside \(flash) + \(offset)")
    }
    if offset > 0, kind != "flv" {
      #expect(abs(Double(heard.tally.filled) / 16_000 - offset) < 0.08, "\(heard.tally)")
      #expect(heard.rms(bright[0] - 0.9...bright[0] - 0.5) == 0 || offset < 0.6)
    }
    #expect(heard.tally.corrupt.count == 0 && heard.tally.jumps == 0, "\(heard.tally)")
  }

  @Test(arguments: ["mp4", "mkv", "ts", "nut"])
  func `a hole is silence, and what is behind it stays in its place`(_ kind: String) throws {
    let whole = try film(
      "whole.mkv", Sounding.flashes() + Sounding.clicks(noise: 0.2) + Sounding.h264 + ["-c:a", "aac"])
    let holed = try film(
      "holed.mkv", ["-i", whole, "-c", "copy", "-bsf:a", "noise=amount=0:drop='between(pts*tb,1.5,1.9)'"])
    let path = try film("hole.\(kind)", ["-i", holed, "-c", "copy"])
    let heard = try Sounding.hear(path)
    for (flash, off) in zip(try Sounding.bright(path), try Sounding.apart(path)) {
      #expect(abs(off) < 1.2, "\(kind): \(off) at \(flash)")
    }
    let zero = try #require(try Sounding.bright(path).first) - 1
    #expect(heard.rms(zero + 1.6...zero + 1.85) < 1e-6)
    #expect(heard.rms(zero + 1.2...zero + 1.4) > 0.01 && heard.rms(zero + 2.0...zero + 2.2) > 0.01)
    #expect((5_600...7_500).contains(heard.tally.filled), "\(heard.tally)")
  }

  @Test(arguments: [("mp4", 0.999), ("mkv", 1.001), ("mkv", 0.999), ("mkv", 1.0003), ("ts", 1.001)])
  func `where sound and times run apart the times win`(_ kind: String, _ factor: Double) throws {
    let times = (1...14).map { Double($0) }
    let whole = try film("whole.mkv", Sounding.clicks(times, length: 16) + ["-c:a", "pcm_s16le"])
    let path = try film(
      "drift\(factor).\(kind)",
      Sounding.flashes(times, length: 16) + ["-i", whole, "-map", "0:v", "-map", "1:a"] + Sounding.h264
        + ["-c:a", "aac", "-bsf:a", "setts=ts=TS*\(factor)"])
    let (heard, bright) = (try Sounding.hear(path), try Sounding.bright(path))
    try #require(bright.count == times.count)
    let zero = bright[0] - times[0]
    for time in times {
      let wanted = zero + time * factor
      let click = try #require(heard.click(near: wanted, within: 0.1))
      #expect(abs(click - wanted) < 0.0025, "\(kind): \((click - wanted) * 1000) ms at \(time)")
    }
    #expect(heard.tally.corrections > 0)
  }

  @Test func `a film without sound has none, and a picture neither`() throws {
    let silent = try film("silent.mp4", Sounding.flashes() + Sounding.h264)
    #expect(try SoundReader.open(silent) == nil)
    let picture = try film("one.png", Sounding.flashes() + ["-frames:v", "1"])
    #expect(try SoundReader.open(picture) == nil)
  }

  @Test func `what is no media file is refused`() throws {
    let path = try write(Array("no sound at all, only words".utf8), "words.txt")
    #expect(throws: Fault.self) { _ = try SoundReader.open(path) }
  }

  @Test(arguments: ["tta", "wavpack", "truehd"])
  func `other codecs are refused by their names`(_ codec: String) throws {
    let path = try film("a.mkv", Sounding.clicks() + ["-c:a", codec, "-strict", "-2"])
    let fault = try #require(throws: Fault.self) { _ = try SoundReader.open(path) }
    #expect(fault.kind == .unsupported && fault.message.contains("coded as \(codec)"), "\(fault.message)")
  }

  @Test func `of several sounds the usual one counts, else the first`() throws {
    let tones = ["-f", "lavfi", "-i", "sine=f=300:d=1:r=16000", "-f", "lavfi", "-i", "anullsrc=r=16000:d=1"]
    let maps = ["-map", "0", "-map", "1", "-c:a", "flac", "-shortest"]
    let first = try film("a.mkv", tones + maps + ["-disposition:a:0", "0", "-disposition:a:1", "0"])
    let second = try film("b.mkv", tones + maps + ["-disposition:a:0", "0", "-disposition:a:1", "default"])
    let described = try film(
      "c.mkv", tones + maps + ["-disposition:a:0", "default", "-disposition:a:1", "default+visual_impaired"])
    #expect(try Sounding.hear(first).rms(0.2...0.8) > 0.05)
    #expect(try Sounding.hear(second).rms(0.2...0.8) == 0)
    #expect(try Sounding.hear(described).rms(0.2...0.8) > 0.05)
  }

  @Test(arguments: [("flac", "mkv"), ("ac3", "mkv"), ("ac3", "ts")])
  func `damaged packets are silent, are counted, and move nothing`(_ codec: String, _ kind: String) throws {
    let path = try film(
      "a.\(kind)", Sounding.flashes() + Sounding.clicks(noise: 0.2) + Sounding.h264 + ["-c:a", codec])
    let broken = try film(
      "b.\(kind)", ["-i", path, "-c", "copy", "-bsf:a", "noise=amount='100*between(pts*tb,1.5,2.0)'"])
    let heard = try Sounding.hear(broken)
    #expect(heard.tally.corrupt.count > 0 && heard.tally.filled > 0, "\(heard.tally)")
    for off in try Sounding.apart(broken) { #expect(abs(off) < 1.2, "\(off)") }
    let peak = heard.samples.map(abs).max() ?? 0
    #expect(peak < 1, "noise was heard: \(peak)")
  }

  @Test(arguments: [
    ("aac", "mp4"), ("aac", "ts"), ("libopus", "mkv"), ("libmp3lame", "avi"), ("pcm_s16le", "wav"), ("flac", "flac"),
    ("libvorbis", "ogg"),
  ])
  func `a file that was cut off gives what is there, and the same as the whole one does`(
    _ codec: String, _ kind: String
  ) throws {
    let isFilm = ["mp4", "ts", "mkv", "avi"].contains(kind)
    let path = try film(
      "a.\(kind)",
      (isFilm ? Sounding.flashes() : []) + Sounding.clicks(noise: 0.2)
        + (isFilm ? (kind == "avi" ? ["-c:v", "mpeg4"] : Sounding.h264) : [])
        + ["-c:a", codec] + (kind == "mp4" ? ["-movflags", "faststart"] : []))
    let (bytes, whole) = (try read(path), try Sounding.hear(path))
    for share in [0.35, 0.6, 0.85] {
      let cut = try write(Array(bytes.prefix(Int(Double(bytes.count) * share))), "cut.\(kind)")
      let heard = try Sounding.hear(cut)
      #expect(heard.samples.count > 16_000 && heard.samples.count <= whole.samples.count + 1_600, "\(kind) \(share)")
      #expect(heard.info.first == whole.info.first)
      // The last packet may be a damaged one.
      let common = min(heard.samples.count, whole.samples.count) - 1_600
      let same = (0..<common).count { abs(heard.samples[$0] - whole.samples[$0]) < 1e-6 }
      #expect(same == common, "\(kind) \(share): \(same) of \(common)")
      if kind == "mp4" { #expect(heard.tally.corrupt.count > 0) }
    }
  }

  /// A head of WAV that says so much, and some samples.
  private func wave(rate: UInt32, channels: UInt16, bits: UInt16 = 16, format: UInt16 = 1, data: [UInt8]) -> [UInt8] {
    func le(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
    func le(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    let align = UInt16(truncatingIfNeeded: Int(channels) * Int(bits) / 8)
    let head = le(format) + le(channels) + le(rate) + le(rate &* UInt32(align)) + le(align) + le(bits)
    return Array("RIFF".utf8) + le(UInt32(36 + data.count)) + Array("WAVEfmt ".utf8) + le(UInt32(16)) + head
      + Array("data".utf8) + le(UInt32(data.count)) + data
  }

  @Test(
    arguments: [(2_000_000_000, 1), (1, 1), (999, 2), (768_001, 1), (44_100, 65), (44_100, 4_000)] as [(UInt32, UInt16)]
  )
  func `absurd rates and channels are refused`(_ rate: UInt32, _ channels: UInt16) throws {
    let path = try write(wave(rate: rate, channels: channels, data: Array(repeating: 3, count: 80_000)), "a.wav")
    let fault = try #require(throws: Fault.self) { _ = try Sounding.hear(path) }
    #expect([.unsupported, .badInput].contains(fault.kind), "\(fault)")
  }

  @Test func `samples that are no numbers are silence`() throws {
    let values: [Float] = [.nan, .infinity, -.infinity, 1e30, 0.25, 0.25, 0.25, 0.25]
    let data = (0..<16_000).flatMap { index in
      withUnsafeBytes(of: values[index % 8].bitPattern.littleEndian) { [UInt8]($0) }
    }
    let path = try write(wave(rate: 16_000, channels: 1, bits: 32, format: 3, data: data), "a.wav")
    let heard = try Sounding.hear(path)
    #expect(heard.samples.count == 16_000 && heard.samples.allSatisfy { abs($0) <= 64 })
  }

  @Test func `a rate that changes on the way changes nothing in the times`() throws {
    let parts = try [(44_100, "0"), (48_000, "5"), (22_050, "10")].map { rate, offset in
      try film(
        "\(rate).ts",
        Sounding.flashes() + Sounding.clicks(rate: rate) + Sounding.h264 + ["-c:a", "aac", "-output_ts_offset", offset])
    }
    let path = try write(try parts.flatMap { try read($0) }, "all.ts")
    for off in try Sounding.apart(path, expects: 9) { #expect(abs(off) < 0.5, "\(off)") }
  }

  @Test func `behind times that jump back nothing is lost, and it is said`() throws {
    let part = try film("a.ts", Sounding.flashes() + Sounding.clicks(noise: 0.1) + Sounding.h264 + ["-c:a", "mp2"])
    let path = try write(try read(part) + (try read(part)), "twice.ts")
    let heard = try Sounding.hear(path)
    #expect(heard.tally.jumps == 1 && abs(heard.seconds - 10) < 0.2, "\(heard.tally) \(heard.seconds)")
  }

  @Test func `times beyond two days end the sound, and are counted`() throws {
    let whole = try film("a.mkv", Sounding.clicks() + ["-c:a", "flac"])
    let path = try film("b.mkv", ["-i", whole, "-c", "copy", "-bsf:a", "setts=ts='TS+if(gt(TS*TB,2),200000/TB,0)'"])
    let heard = try Sounding.hear(path)
    #expect((1.9...2.3).contains(heard.seconds) && heard.tally.corrupt.count == 1, "\(heard.tally) \(heard.seconds)")
  }
}
