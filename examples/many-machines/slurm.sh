#!/bin/sh
# Interpolates a video on a Slurm cluster: sh slurm.sh IN OUT [options of interpolate]
#
# The video is planned here. An array job makes its segments, 50 at a time, and a last job joins them.
# $SLOMO is the command that starts slomo on every machine, and $SLURM_OPTIONS selects their GPUs.
set -eu
slomo=${SLOMO:-deno task --quiet --config /opt/slomo/deno.json}
folder=$2.segments

count=$($slomo segments plan "$@")
make=$(sbatch --parsable --array="0-$((count - 1))%50" --requeue ${SLURM_OPTIONS:---gpus=1} \
  --wrap "$slomo segments make '$folder' \$SLURM_ARRAY_TASK_ID --quiet")
sbatch --dependency="afterok:$make" --wrap "$slomo segments join '$folder' --quiet"
