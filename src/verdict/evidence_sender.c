#include "verdict/judging.h"

void evidence_of_sender(struct judging *at)
{
    (void)at;
}
