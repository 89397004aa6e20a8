import Base
import Predictions

func stamp(_ index: Int, _ time: Double, pts: Int? = nil) -> FrameStamp {
  FrameStamp(file: "line.mp4", index: index, pts: pts, time: time)
}

func detection(_ label: String, _ score: Float, _ box: Rect = Rect(x: 0.1, y: 0.2, width: 0.3, height: 0.4))
  -> Prediction
{
  Prediction(kind: .detection, label: label, score: score, box: box)
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
