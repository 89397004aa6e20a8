import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// What users of other programs reported of sound beside pictures, made again small.
struct SoundReportTests {
  private let folder = TemporaryFolder()

  private func film(_ name: String, _ arguments: [String]) throws -> String {
    try Picturing.ffmpeg(arguments, to: name, in: folder)
  }

  private func expectTogether(_ path: String, within limit: Double, _ location: SourceLocation = #_sourceLocation)
    throws
  {
    for off in try Sounding.apart(path) { #expect(abs(off) <= limit, "\(off) ms", sourceLocation: location) }
  }

  /// As reported in BasisVR/Basis 959.
  @Test func `priming that an edit list leaves out is not heard`() throws {
    let path = try film("a.mp4", Sounding.flashes() + Sounding.clicks() + Sounding.h264 + ["-c:a", "aac"])
    try expectTogether(path, within: 0.2)
    #expect(try Sounding.hear(path).info.first == 0)
  }

  /// As reported in Vanilagy/mediabunny 199.
  @Test func `without an edit list the file is believed`() throws {
    let path = try film(
      "a.mp4",
      Sounding.clicks() + [
        "-c:a", "aac", "-use_editlist", "0", "-movflags", "+faststart", "-avoid_negative_ts", "make_zero",
      ])
    let heard = try Sounding.hear(path)
    for time in Sounding.times {
      let click = try #require(heard.click(near: time))
      #expect(abs(click - time - 1024.0 / 48_000) < 0.0005, "\(click - time)")
    }
  }

  /// As reported in superuser404notfound/AetherEngine 7.
  @Test func `what Opus puts in front is left out, in Matroska too`() throws {
    let path = try film("a.mkv", Sounding.clicks() + ["-c:a", "libopus"])
    let heard = try Sounding.hear(path)
    for time in Sounding.times { #expect(abs(try #require(heard.click(near: time)) - time) < 0.001) }
  }

  /// FFmpeg before 6.0 moves the picture of WebM with Opus by 7 ms; the file is believed: a sixth of a frame.
  ///
  /// As reported in LadybirdBrowser/ladybird 6685.
  @Test func `pictures that were moved by the writer stay where the file has them`() throws {
    let path = try film(
      "a.webm", Sounding.flashes() + Sounding.clicks() + ["-c:v", "libvpx", "-b:v", "200k", "-c:a", "libopus"])
    try expectTogether(path, within: 7.1)
  }

  /// As reported in McCloudS/subgen 305.
  @Test func `sound that begins four seconds late is four seconds late`() throws {
    let late = try film("late.wav", Sounding.clicks([1], length: 3))
    let path = try film(
      "a.mkv",
      Sounding.flashes([5.08], length: 8) + ["-itsoffset", "4.087", "-i", late] + Sounding.h264 + ["-c:a", "eac3"])
    let heard = try Sounding.hear(path)
    let flash = try #require(try Sounding.bright(path).first)
    #expect(abs(try #require(heard.click(near: 5.087)) - flash - 0.007) < 0.0015)
    #expect(heard.tally.filled > 64_000 && heard.rms(0.5...4) < 1e-4)
  }

  /// As reported in morpheus65535/bazarr 2647.
  @Test func `packets that cannot be decoded shorten nothing`() throws {
    let whole = try film("a.mkv", Sounding.flashes() + Sounding.clicks() + Sounding.h264 + ["-c:a", "aac"])
    let path = try film("b.mkv", ["-i", whole, "-c", "copy", "-bsf:a", "noise=amount='3*between(pts*tb,1.2,2.2)'"])
    #expect(try Sounding.hear(path).tally.corrupt.count > 5)
    let (heard, bright) = (try Sounding.hear(path), try Sounding.bright(path))
    #expect(abs(heard.end - (try Sounding.hear(whole)).end) < 0.03)
    for flash in bright.suffix(2) {
      #expect(abs(try #require(heard.click(near: flash, within: 0.05)) - flash) < 0.0015)
    }
  }

  /// As reported in livekit/egress 1368.
  @Test func `many small holes do not add up`() throws {
    let times = (1...14).map { Double($0) }
    let whole = try film(
      "a.mkv",
      Sounding.flashes(times, length: 16) + Sounding.clicks(times, length: 16) + Sounding.h264 + ["-c:a", "aac"])
    // A packet is missing every 450 ms, and none that holds a click.
    let path = try film(
      "b.mkv",
      [
        "-i", whole, "-c", "copy", "-bsf:a",
        "noise=amount=0:drop='eq(mod(n,21),3)*not(between(mod(pts*tb,1),0.94,1))*gt(mod(pts*tb,1),0.06)'",
      ])
    let (heard, bright) = (try Sounding.hear(path), try Sounding.bright(path))
    try #require(bright.count == times.count)
    #expect(heard.tally.filled > 8_000)
    for flash in bright { #expect(abs(try #require(heard.click(near: flash, within: 0.1)) - flash) < 0.0015) }
  }

  /// As reported in HomeOfAviSynthPlusEvolution/L-SMASH-Works 72.
  @Test func `a recorder with few pictures and many holes stays together for hours`() throws {
    let times = [2.0, 12, 21]
    let whole = try film(
      "a.mkv",
      Sounding.flashes(times, length: 24) + Sounding.clicks(times, length: 24)
        + ["-vf", "select='not(mod(n,3))+eq(n,50)+eq(n,300)+eq(n,525)'", "-vsync", "vfr"] + Sounding.h264 + [
          "-c:a", "pcm_s16le",
        ])
    // Each time a tenth is missing, as much as 41 ms in a second.
    let path = try film(
      "b.mp4", ["-i", whole, "-c:v", "copy", "-c:a", "aac", "-bsf:a", "noise=amount=0:drop='eq(mod(n,24),6)'"])
    let (heard, bright) = (try Sounding.hear(path), try Sounding.bright(path))
    try #require(bright.count == 3)
    for flash in bright { #expect(abs(try #require(heard.click(near: flash, within: 0.1)) - flash) < 0.0015) }
  }

  /// As reported in livepeer/go-livepeer 803.
  @Test func `a packet that comes twice is heard once`() throws {
    let parts = try [0.0, 5.0].map { offset in
      try film(
        "\(offset).ts",
        Sounding.flashes() + Sounding.clicks(length: 5 + (offset == 0 ? 0.064 : 0)) + Sounding.h264
          + ["-c:a", "aac", "-output_ts_offset", "\(offset)"])
    }
    let bytes = try parts.flatMap { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
    let path = folder.file("all.ts")
    try Data(bytes).write(to: URL(filePath: path))
    let apart = try Sounding.apart(path, expects: 6)
    #expect(apart.allSatisfy { abs($0) < 0.6 }, "\(apart)")
    #expect(try Sounding.hear(path).tally.jumps == 0)
  }

  /// As reported in google/ExoPlayer 9995, and recordings of a day and more.
  @Test func `a counter that wraps tears nothing apart`() throws {
    let path = try film(
      "a.ts",
      Sounding.flashes() + Sounding.clicks() + ["-c:v", "mpeg2video", "-c:a", "mp2", "-output_ts_offset", "95440.5"])
    try expectTogether(path, within: 0.5)
    let heard = try Sounding.hear(path)
    // No silence of a day in front: times before the wrap are below zero, of pictures too.
    #expect(heard.seconds < 6.5 && (-5..<0).contains(heard.info.first / 16_000), "\(heard.info.first) \(heard.seconds)")
  }

  /// As reported in holepunchto/bare-media 75; 7 ms are the writer's, as above.
  @Test func `sound a quarter of a second behind a VP9 picture`() throws {
    let path = try film(
      "a.mkv",
      Sounding.flashes() + ["-itsoffset", "0.244", "-i", try film("a.wav", Sounding.clicks())]
        + ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"])
    let (heard, bright) = (try Sounding.hear(path), try Sounding.bright(path))
    for flash in bright {
      #expect(abs(try #require(heard.click(near: flash + 0.244, within: 0.1)) - flash - 0.244) < 0.0085)
    }
  }

  /// As reported in MusicPlayerDaemon/MPD 867.
  @Test func `what Opus fills up at the end is not heard`() throws {
    let path = try film("a.opus", ["-f", "lavfi", "-i", "sine=f=440:r=48000:d=1.003", "-c:a", "libopus"])
    #expect(abs(try Sounding.hear(path).samples.count - 16_048) <= 2)
  }

  /// As reported in o-oconnell/mp4grep 20.
  @Test func `sound whose clock is two and a half percent off`() throws {
    let times = (1...18).map { Double($0) }
    let whole = try film("a.mkv", Sounding.clicks(times, length: 20) + ["-c:a", "pcm_s16le"])
    let path = try film(
      "b.mkv",
      Sounding.flashes(times, length: 22) + ["-i", whole, "-map", "0:v", "-map", "1:a"] + Sounding.h264
        + ["-c:a", "libmp3lame", "-bsf:a", "setts=ts=TS*1.025"])
    let (heard, bright) = (try Sounding.hear(path), try Sounding.bright(path))
    let zero = try #require(bright.first) - 1
    for time in times {
      let wanted = zero + time * 1.025
      #expect(abs(try #require(heard.click(near: wanted, within: 0.08)) - wanted) < 0.016, "at \(time)")
    }
  }
}
