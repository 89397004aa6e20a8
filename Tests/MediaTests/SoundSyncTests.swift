import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Clicks stand beside flashes, whatever carries them.
struct SoundSyncTests {
  private let folder = TemporaryFolder()

  /// Kind of file, picture, sound, samples a second, and milliseconds that a click may be off.
  static let kinds: [(name: String, picture: [String], sound: [String], rate: Int, limit: Double)] = [
    ("aac.mp4", Sounding.h264, ["-c:a", "aac"], 48_000, 0.2),
    ("aac44.mp4", Sounding.h264, ["-c:a", "aac"], 44_100, 0.2),
    ("fragments.mp4", Sounding.h264 + ["-movflags", "frag_keyframe+empty_moov"], ["-c:a", "aac"], 48_000, 0.2),
    ("alac.mov", Sounding.h264, ["-c:a", "alac"], 44_100, 0.1),
    ("pcm.mov", Sounding.h264, ["-c:a", "pcm_s16be"], 22_050, 0.1),
    ("ac3.mp4", Sounding.h264, ["-c:a", "ac3"], 48_000, 0.2),
    ("eac3.mp4", Sounding.h264, ["-c:a", "eac3"], 48_000, 0.2),
    ("mp3.mp4", Sounding.h264, ["-c:a", "libmp3lame"], 44_100, 0.2),
    ("flac.mp4", Sounding.h264, ["-c:a", "flac", "-strict", "-2"], 48_000, 0.1),
    ("opus.mkv", Sounding.h264, ["-c:a", "libopus"], 48_000, 7.1),
    ("aac.mkv", Sounding.h264, ["-c:a", "aac"], 48_000, 1),
    ("flac.mkv", Sounding.h264, ["-c:a", "flac"], 96_000, 1),
    ("pcm.mkv", Sounding.h264, ["-c:a", "pcm_f32le"], 16_000, 1),
    ("vorbis.webm", ["-c:v", "libvpx", "-b:v", "200k"], ["-c:a", "libvorbis"], 44_100, 1),
    ("opus.webm", ["-c:v", "libvpx", "-b:v", "200k"], ["-c:a", "libopus"], 48_000, 7.1),
    ("mp2.ts", ["-c:v", "mpeg2video"], ["-c:a", "mp2"], 48_000, 0.2),
    ("aac.ts", Sounding.h264, ["-c:a", "aac"], 48_000, 0.2),
    ("ac3.ts", Sounding.h264, ["-c:a", "ac3"], 48_000, 0.2),
    ("latm.ts", Sounding.h264, ["-c:a", "aac", "-mpegts_flags", "latm"], 48_000, 0.2),
    ("mp2.mpg", ["-c:v", "mpeg2video"], ["-c:a", "mp2"], 44_100, 0.2),
    ("pcm.mxf", ["-c:v", "mpeg2video"], ["-c:a", "pcm_s24le"], 48_000, 0.2),
    ("pcm.avi", ["-c:v", "mpeg4"], ["-c:a", "pcm_s16le"], 44_100, 0.2),
    ("aac.flv", Sounding.h264, ["-c:a", "aac"], 44_100, 1),
    ("mp3.flv", ["-c:v", "flv1"], ["-c:a", "libmp3lame"], 44_100, 1),
    ("wma.asf", ["-c:v", "wmv2"], ["-c:a", "wmav2"], 44_100, 1),
    ("vorbis.ogv", ["-c:v", "libtheora"], ["-c:a", "libvorbis"], 44_100, 0.2),
    ("adpcm.mov", Sounding.h264, ["-c:a", "adpcm_ima_qt"], 44_100, 0.2),
    ("alaw.nut", Sounding.h264, ["-c:a", "pcm_alaw"], 8_000, 0.2),
    ("mp3.avi", ["-c:v", "mpeg4"], ["-c:a", "libmp3lame"], 44_100, 27),
  ]

  @Test(arguments: kinds.indices)
  func `a click stands where its flash does`(_ index: Int) throws {
    let kind = Self.kinds[index]
    let path = try Picturing.ffmpeg(
      Sounding.flashes() + Sounding.clicks(rate: kind.rate) + kind.picture + kind.sound, to: kind.name, in: folder)
    let apart = try Sounding.apart(path)
    print("click beside flash, \(kind.name): \(apart.map { String(format: "%+.2f", $0) }.joined(separator: " ")) ms")
    for off in apart { #expect(abs(off) <= kind.limit, "\(kind.name): \(apart)") }
  }

  /// What each codec adds at the beginning is left out, as far as the file tells it.
  @Test(
    arguments: [
      ("a.wav", ["-c:a", "pcm_s16le"], 0.1), ("a.w64", ["-c:a", "pcm_s24le"], 0.1), ("a.aiff", [], 0.1),
      ("a.au", [], 0.1),
      ("a.caf", ["-c:a", "alac"], 0.1), ("a.flac", [], 0.1), ("a.mp3", ["-c:a", "libmp3lame"], 0.2),
      ("a.m4a", ["-c:a", "aac"], 0.2),
      ("a.opus", ["-c:a", "libopus"], 0.2), ("a.ogg", ["-c:a", "libvorbis"], 0.2), ("a.mka", ["-c:a", "flac"], 1),
      ("a.wma", ["-c:a", "wmav2"], 47),
      // Nothing in these files says what the encoder put in front: 1,024, 481 and 256 samples.
      ("a.aac", ["-c:a", "aac"], 24), ("a.mp2", ["-c:a", "mp2"], 12), ("a.ac3", ["-c:a", "ac3"], 6),
    ] as [(String, [String], Double)])
  func `a file of sound begins with its sound`(_ name: String, _ codec: [String], _ limit: Double) throws {
    let path = try Picturing.ffmpeg(Sounding.clicks(rate: 44_100) + codec, to: name, in: folder)
    let heard = try Sounding.hear(path)
    #expect(heard.info.first == 0 && !heard.info.hasPicture)
    let apart = try Sounding.times.map { try (#require(heard.click(near: $0)) - $0) * 1000 }
    print("click in a file of sound, \(name): \(apart.map { String(format: "%+.2f", $0) }.joined(separator: " ")) ms")
    for off in apart { #expect(abs(off) <= limit, "\(name): \(apart)") }
    #expect(abs(heard.seconds - 5) < 0.08, "\(heard.seconds)")
  }

  @Test func `all samples of 16 kHz come through as they are`() throws {
    let path = try Picturing.ffmpeg(
      Sounding.clicks(rate: 16_000, noise: 0.2) + ["-c:a", "pcm_s16le"], to: "a.wav", in: folder)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let heard = try Sounding.hear(path)
    #expect(heard.samples.count == 80_000)
    let start = bytes.count - 160_000
    for index in heard.samples.indices {
      let value = Int16(bitPattern: UInt16(bytes[start + 2 * index]) | UInt16(bytes[start + 2 * index + 1]) << 8)
      guard heard.samples[index] == Float(value) / 32_768 else {
        Issue.record("sample \(index) is \(heard.samples[index]) and not \(value)")
        return
      }
    }
  }

  @Test func `reading a file again gives the very same samples`() throws {
    let path = try Picturing.ffmpeg(
      Sounding.flashes() + Sounding.clicks(rate: 44_100, noise: 0.3) + Sounding.h264 + ["-c:a", "aac"], to: "a.mp4",
      in: folder)
    let first = try Sounding.hear(path)
    #expect(try Sounding.hear(path).samples == first.samples && first.samples.count > 79_000)
  }

  @Test func `a tone keeps its height and its strength`() throws {
    for rate in [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000] {
      let path = try Picturing.ffmpeg(
        ["-f", "lavfi", "-i", "sine=f=1000:r=\(rate):d=3", "-af", "volume=4", "-c:a", "pcm_f32le"], to: "\(rate).wav",
        in: folder)
      let heard = try Sounding.hear(path)
      let part = heard.samples[16_000..<32_000]
      let ups = zip(part, part.dropFirst()).count { $0 < 0 && $1 >= 0 }
      #expect(abs(ups - 1000) <= 1, "\(rate): \(ups) Hz")
      #expect(abs(heard.rms(1...2) - 0.3535) < 0.002, "\(rate): \(heard.rms(1...2))")
      #expect(abs(heard.samples.count - 48_000) <= 1, "\(rate): \(heard.samples.count)")
    }
  }

  @Test func `what lies above half of 16 kHz does not come back as something else`() throws {
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "sine=f=11000:r=48000:d=3", "-af", "volume=8", "-c:a", "pcm_f32le"], to: "a.wav", in: folder
    )
    #expect(try Sounding.hear(path).rms(1...2) < 0.001)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24])
  func `channels are mixed into one that is no louder than they are`(_ count: Int) throws {
    // The same tone in every channel.
    let expressions = Array(repeating: "0.8*sin(2*PI*500*t)", count: count).joined(separator: "|")
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "aevalsrc='\(expressions)':s=48000:d=2", "-c:a", "pcm_f32le"], to: "\(count).wav",
      in: folder)
    let heard = try Sounding.hear(path)
    #expect(heard.info.channels == count)
    let peak = heard.samples[8_000..<24_000].map(abs).max() ?? 0
    #expect(peak > 0.5 && peak <= 0.81, "\(count) channels: \(peak)")
  }

  @Test func `both sides of stereo count the same`() throws {
    for (name, sides) in [("left", "0.8*sin(2*PI*500*t)|0"), ("right", "0|0.8*sin(2*PI*500*t)")] {
      let path = try Picturing.ffmpeg(
        ["-f", "lavfi", "-i", "aevalsrc='\(sides)':s=16000:d=1", "-c:a", "pcm_f32le"], to: name + ".wav", in: folder)
      #expect(abs(try Sounding.hear(path).rms(0.2...0.8) - 0.4 * 0.7071) < 0.001)
    }
  }
}
