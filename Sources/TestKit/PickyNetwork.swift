/// A network that adds up what it is given and cannot run where the largest number of the whole batch is neither 0 nor 6: it
/// reshapes six numbers to as many.
public enum PickyNetwork {
  /// OpenVINO IR, written by hand.
  private static let xml = """
    <?xml version="1.0"?>
    <net name="picky" version="11">
      <layers>
        <layer id="0" name="in" type="Parameter" version="opset1">
          <data shape="?,2,2,3" element_type="f32"/>
          <output><port id="0" precision="FP32" names="in"><dim>-1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port></output>
        </layer>
        <layer id="1" name="axes" type="Const" version="opset1">
          <data element_type="i64" shape="3" offset="0" size="24"/>
          <output><port id="0" precision="I64"><dim>3</dim></port></output>
        </layer>
        <layer id="2" name="sum" type="ReduceSum" version="opset1">
          <data keep_dims="false"/>
          <input>
            <port id="0" precision="FP32"><dim>-1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port>
            <port id="1" precision="I64"><dim>3</dim></port>
          </input>
          <output><port id="2" precision="FP32"><dim>-1</dim></port></output>
        </layer>
        <layer id="3" name="all" type="Const" version="opset1">
          <data element_type="i64" shape="4" offset="24" size="32"/>
          <output><port id="0" precision="I64"><dim>4</dim></port></output>
        </layer>
        <layer id="4" name="most" type="ReduceMax" version="opset1">
          <data keep_dims="false"/>
          <input>
            <port id="0" precision="FP32"><dim>-1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port>
            <port id="1" precision="I64"><dim>4</dim></port>
          </input>
          <output><port id="2" precision="FP32"/></output>
        </layer>
        <layer id="5" name="whole" type="Convert" version="opset1">
          <data destination_type="i64"/>
          <input><port id="0" precision="FP32"/></input>
          <output><port id="1" precision="I64"/></output>
        </layer>
        <layer id="6" name="first" type="Const" version="opset1">
          <data element_type="i64" shape="1" offset="56" size="8"/>
          <output><port id="0" precision="I64"><dim>1</dim></port></output>
        </layer>
        <layer id="7" name="shape" type="Unsqueeze" version="opset1">
          <input>
            <port id="0" precision="I64"/>
            <port id="1" precision="I64"><dim>1</dim></port>
          </input>
          <output><port id="2" precision="I64"><dim>1</dim></port></output>
        </layer>
        <layer id="8" name="six" type="Const" version="opset1">
          <data element_type="f32" shape="6" offset="64" size="24"/>
          <output><port id="0" precision="FP32"><dim>6</dim></port></output>
        </layer>
        <layer id="9" name="reshaped" type="Reshape" version="opset1">
          <data special_zero="true"/>
          <input>
            <port id="0" precision="FP32"><dim>6</dim></port>
            <port id="1" precision="I64"><dim>1</dim></port>
          </input>
          <output><port id="2" precision="FP32"><dim>-1</dim></port></output>
        </layer>
        <layer id="10" name="nothing" type="ReduceSum" version="opset1">
          <data keep_dims="false"/>
          <input>
            <port id="0" precision="FP32"><dim>-1</dim></port>
            <port id="1" precision="I64"><dim>1</dim></port>
          </input>
          <output><port id="2" precision="FP32"/></output>
        </layer>
        <layer id="11" name="total" type="Add" version="opset1">
          <data auto_broadcast="numpy"/>
          <input>
            <port id="0" precision="FP32"><dim>-1</dim></port>
            <port id="1" precision="FP32"/>
          </input>
          <output><port id="2" precision="FP32" names="sum"><dim>-1</dim></port></output>
        </layer>
        <layer id="12" name="out" type="Result" version="opset1">
          <input><port id="0" precision="FP32"><dim>-1</dim></port></input>
        </layer>
      </layers>
      <edges>
        <edge from-layer="0" from-port="0" to-layer="2" to-port="0"/>
        <edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>
        <edge from-layer="0" from-port="0" to-layer="4" to-port="0"/>
        <edge from-layer="3" from-port="0" to-layer="4" to-port="1"/>
        <edge from-layer="4" from-port="2" to-layer="5" to-port="0"/>
        <edge from-layer="5" from-port="1" to-layer="7" to-port="0"/>
        <edge from-layer="6" from-port="0" to-layer="7" to-port="1"/>
        <edge from-layer="8" from-port="0" to-layer="9" to-port="0"/>
        <edge from-layer="7" from-port="2" to-layer="9" to-port="1"/>
        <edge from-layer="9" from-port="2" to-layer="10" to-port="0"/>
        <edge from-layer="6" from-port="0" to-layer="10" to-port="1"/>
        <edge from-layer="2" from-port="2" to-layer="11" to-port="0"/>
        <edge from-layer="10" from-port="2" to-layer="11" to-port="1"/>
        <edge from-layer="11" from-port="2" to-layer="12" to-port="0"/>
      </edges>
    </net>
    """

  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String) throws {
    try HandWritten.write(xml, constants: [1, 2, 3, 0, 1, 2, 3, 0, 0, 0, 0], to: path)
  }
}
