#include "verdict/judging.h"

void evidence_of_looks(struct judging *at)
{
    (void)at;
}
