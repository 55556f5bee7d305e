# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the network in the forms that the engines read: ONNX in single precision and in int8 (static, QDQ), and for
engines without a format of their own a list of layers with raw numbers."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from network import OUTPUTS, SIZE, calibrate, random_inputs, random_network, reference

OPSET = 13
IR_VERSION = 8
ACTIVATION_STEPS = 255  # of uint8
SIGNED_ZERO = 128
WEIGHT_STEPS = 127  # of int8, symmetric


class Graph:
    """An ONNX graph that grows by a stage at a time."""

    def __init__(self):
        self.nodes, self.constants, self.inputs, self.outputs = [], [], [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def parameters(self, layer, name, input_step):
        """Names of the weights and the bias."""
        return [self.constant(name + '.weights', layer.weights), self.constant(name + '.bias', layer.bias)]

    def activation(self, x, step, zero=0):
        """The name of what the next layer reads."""
        return x

    def layer(self, layer, x, name, input_step):
        if layer.kind == 'pool':
            return self.node('MaxPool', [x], name, kernel_shape=[2, 2], strides=[2, 2])
        parameters = self.parameters(layer, name, input_step)
        if layer.kind == 'conv':
            x = self.node('Conv', [x, *parameters], name + '.sum', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
            return self.node('Relu', [x], name)
        if layer.kind == 'linear':
            return self.node('Gemm', [x, *parameters], name, transB=1)
        x = self.activation(self.node('Flatten', [x], name + '.flat'), input_step)
        return self.node('Relu', [self.node('Gemm', [x, *parameters], name + '.sum', transB=1)], name)

    def stage(self, number, stage, largest):
        """@largest: magnitudes of the input and of every layer's output."""
        x, output = f'input{number}', f'output{number}'
        self.inputs.append(helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, stage.planes, SIZE, SIZE]))
        self.outputs.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, OUTPUTS]))
        # The input has both signs, what follows a ReLU only one.
        step = np.float32(2 * largest[0] / ACTIVATION_STEPS)
        x = self.activation(x, step, SIGNED_ZERO)
        for i, layer in enumerate(stage.layers):
            x = self.layer(layer, x, f'stage{number}.{i}.{layer.kind}', step)
            step = np.float32(largest[i + 1] / ACTIVATION_STEPS)
            if layer.kind != 'linear':
                x = self.activation(x, step)
        self.node('Identity', [x], output)

    def save(self, path):
        graph = helper.make_graph(self.nodes, 'dan', self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        onnx.save(model, path)


class QuantisedGraph(Graph):
    """The same in int8. Integers stand between QuantizeLinear and DequantizeLinear; engines fuse these with the layers,
    which then compute with the integers (QDQ)."""

    def dequantised(self, values, steps, name):
        steps = self.constant(name + '.step', steps.astype(np.float32))
        zeros = self.constant(name + '.zero', np.zeros(len(values), values.dtype))
        return self.node('DequantizeLinear', [self.constant(name, values), steps, zeros], name + '.dq', axis=0)

    def parameters(self, layer, name, input_step):
        """With a step for each output channel."""
        rows = layer.weights.reshape(len(layer.weights), -1)
        steps = np.abs(rows).max(1) / WEIGHT_STEPS
        weights = np.rint(rows / steps[:, None]).astype(np.int8).reshape(layer.weights.shape)
        bias = np.rint(layer.bias / (input_step * steps)).astype(np.int32)
        return [self.dequantised(weights, steps, name + '.weights'),
                self.dequantised(bias, input_step * steps, name + '.bias')]

    def activation(self, x, step, zero=0):
        encoding = [self.constant(x + '.step', step), self.constant(x + '.zero', np.uint8(zero))]
        integers = self.node('QuantizeLinear', [x, *encoding], x + '.q')
        return self.node('DequantizeLinear', [integers, *encoding], x + '.dq')


def save_onnx(path, graph, network, largest):
    for i, stage in enumerate(network):
        graph.stage(i + 1, stage, largest[i])
    graph.save(path)


def save_numbers(path, arrays):
    with open(path, 'wb') as file:
        for array in arrays:
            file.write(np.ascontiguousarray(array, '<f4').tobytes())


def layer_lines(network, largest):
    """A line for each stage and layer: what it is, its inputs and outputs, and the largest magnitude that comes out."""
    for stage, most in zip(network, largest):
        yield f'stage {stage.planes} {SIZE} {most[0]:.9g}'
        for layer, magnitude in zip(stage.layers, most[1:]):
            shape = '0 0' if layer.weights is None else f'{layer.weights.shape[1]} {len(layer.weights)}'
            yield f'{layer.kind} {shape} {magnitude:.9g}'


def save(folder, width):
    """Returns what the outputs for the inputs in the folder are to be."""
    network, inputs = random_network(width), random_inputs(0)
    largest = calibrate(network)
    folder.mkdir(parents=True, exist_ok=True)
    save_onnx(folder / 'fp32.onnx', Graph(), network, largest)
    save_onnx(folder / 'int8.onnx', QuantisedGraph(), network, largest)
    (folder / 'layers.txt').write_text('\n'.join(layer_lines(network, largest)) + '\n', encoding='ascii')
    save_numbers(folder / 'weights.f32', [part for stage in network for layer in stage.layers
                                          if layer.weights is not None for part in (layer.weights, layer.bias)])
    save_numbers(folder / 'inputs.f32', inputs)
    return reference(network, inputs)
