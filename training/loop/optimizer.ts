import type { CreateOptimizer, NamedTensors, Optimizer } from "@slomo/engine";
import * as tf from "@tensorflow/tfjs-core";

/** Adam (Kingma and Ba, arXiv 1412.6980) with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101). */
export const createAdam: CreateOptimizer = (variables, { beta1, beta2, epsilon, decay }, state): Optimizer => {
  const savedOptimizer = (of: NamedTensors | undefined): Record<string, tf.Variable> =>
    Object.fromEntries(
      Object.entries(variables).map(([name, variable]) => {
        const start = of?.[name] ? tf.clone(of[name]) : tf.zerosLike(variable), kept = tf.variable(start, false);
        start.dispose();
        return [name, kept];
      }),
    );
  const means = savedOptimizer(state?.means), squares = savedOptimizer(state?.squares);
  let steps = state?.steps ?? 0;

  function applyOne(name: string, gradient: tf.Tensor, rate: number): void {
    const variable = variables[name]!, mean = means[name]!, square = squares[name]!;
    mean.assign(tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
    square.assign(tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const root = tf.sqrt(tf.div(square, 1 - beta2 ** steps));
    const change = tf.mul(tf.div(mean, tf.add(root, epsilon)), rate / (1 - beta1 ** steps));
    variable.assign(tf.sub(decay > 0 ? tf.mul(variable, 1 - rate * decay) : variable, change));
  }

  return {
    apply(gradients, rate) {
      steps++;
      for (const [name, gradient] of Object.entries(gradients)) tf.tidy(() => applyOne(name, gradient, rate));
    },
    state: () => ({ steps, means, squares }),
    dispose: () => tf.dispose([means, squares]),
  };
};
