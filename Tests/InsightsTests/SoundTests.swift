import Base
import Testing

@testable import Insights

/// Levels and silence of sound whose samples are known.
struct SoundTests {
  /// A sine of 1 kHz; `loud` says how high it is at each second.
  private func tone(_ loud: [Double], first: Int = 0) -> [Float] {
    (0..<loud.count * 16_000).map { index in
      // Eight samples of a sine of 2 kHz, so that every 10 ms hold whole waves.
      let wave: [Double] = [0, 0.70710678, 1, 0.70710678, 0, -0.70710678, -1, -0.70710678]
      return Float(loud[index / 16_000] * wave[index % 8])
    }
  }

  private func silence(
    _ samples: [Float], first: Int = 0, cut: Int = 16_000, _ settings: SilenceDetector.Settings = .init()
  ) -> SilenceDetector.Result {
    var (detector, place) = (SilenceDetector(settings), 0)
    while place < samples.count {
      let part = Array(samples[place..<min(samples.count, place + cut)])
      detector.add(part.span, at: first + place)
      place += part.count
    }
    return detector.finish()
  }

  private func level(_ samples: [Float], first: Int = 0, cut: Int = 16_000) -> LevelMeter.Result {
    var (meter, place) = (LevelMeter(), 0)
    while place < samples.count {
      let part = Array(samples[place..<min(samples.count, place + cut)])
      meter.add(part.span, at: first + place)
      place += part.count
    }
    return meter.finish()
  }

  @Test func `silence is where nothing is louder than the threshold for long enough`() {
    let samples = tone([0.5, 0, 0.5, 0.001, 0.5])
    let found = silence(samples)
    #expect(found.spans.map(\.samples) == [16_000..<32_000, 48_000..<64_000])
    #expect(silence(samples, .init(threshold: -70)).spans.map(\.samples) == [16_000..<32_000])
    #expect(silence(samples, .init(minimum: 1.01)).spans.isEmpty)
    #expect(silence(tone([0.5, 0.5])).spans.isEmpty)
  }

  @Test func `the threshold itself is silent, a step above is not`() {
    // A sine whose mean square is 50 dB below full scale.
    let height = 0.00316227766 * 1.41421356
    #expect(silence(tone([height * 0.999])).spans.count == 1)
    #expect(silence(tone([height * 1.01])).spans.isEmpty)
  }

  @Test func `neither depends on how the sound is cut`() {
    var samples = tone([0.5, 0, 0.2, 0.0001, 0])
    samples.removeLast(37)
    for first in [0, 12_345, -7_001] {
      let (spans, curve) = (silence(samples, first: first), level(samples, first: first))
      for cut in [1, 7, 160, 1_601, 80_000] {
        #expect(silence(samples, first: first, cut: cut) == spans)
        #expect(level(samples, first: first, cut: cut) == curve)
      }
    }
  }

  @Test func `silence at the end ends with the sound`() {
    var samples = tone([0.5, 0])
    samples.removeLast(37)
    #expect(silence(samples, first: 5).spans.map(\.samples) == [16_160..<31_968])
  }

  @Test func `levels are decibels below full scale, a tenth of a second each`() {
    let found = level(tone([1, 0.1, 0]))
    #expect(found.rms.count == 30 && found.peak.count == 30 && found.start == 0)
    for index in 0..<10 {
      #expect(abs(found.rms[index] + 3.01) < 0.01 && abs(found.peak[index]) < 0.01)
      #expect(abs(found.rms[10 + index] + 23.01) < 0.01 && abs(found.peak[10 + index] + 20) < 0.01)
      #expect(found.rms[20 + index] == -120 && found.peak[20 + index] == -120)
    }
    #expect(abs((found.mean ?? 0) - (-7.74)) < 0.01 && abs(found.highest ?? 1) < 0.01)
  }

  @Test func `a curve stands on the film's tenths`() {
    let found = level(tone([1]), first: 16_100)
    #expect(found.start == 1 && found.rms.count == 11)
    let before = level(tone([1]), first: -100)
    #expect(abs(before.start + 0.1) < 1e-9 && before.rms.count == 11)
  }

  @Test func `without sound there is no level`() {
    var meter = LevelMeter()
    var json = JSONWriter()
    let none = meter.finish()
    #expect(none.rms.isEmpty && none.mean == nil)
    none.write(into: &json)
    #expect(
      String(decoding: json.bytes, as: UTF8.self)
        == #"{"start":0,"step":0.1,"mean":null,"peak":null,"rms":[],"peaks":[]}"#)
  }

  @Test func `samples that are no numbers are silence`() {
    #expect(silence([Float](repeating: .nan, count: 16_000)).spans.count == 1)
    #expect(level([Float](repeating: .infinity, count: 1_600)).rms == [-120])
  }
}
